# An image that an instructor could make by mistake: a folder of the host's disk that anybody may write to, a shell that
# belongs to root and starts as root, and an interpreter that may become anybody.
FROM orca-grader-base
RUN mkdir /data && chmod 777 /data && echo "of the image" > /data/kept \
 && cp /bin/bash /usr/local/bin/rootbash && chmod 4755 /usr/local/bin/rootbash \
 && cp /usr/bin/python3 /usr/local/bin/anybody \
 && python3 -c "import os, struct; os.setxattr('/usr/local/bin/anybody', 'security.capability', struct.pack('<5I', 0x02000001, 0x80, 0, 0, 0))"
VOLUME /data
USER orca-grader
