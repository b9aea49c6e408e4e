"""Every kind of socket, and every address that is worth something. No packet can leave: there is no route."""

import errno
import os
import socket
import struct


NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def outcome(attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return "unreachable" if error.errno in NO_WAY else errno.errorcode.get(error.errno, str(error))
    return "DONE"


def connect(kind, host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as each:
        each.settimeout(2)
        if host.endswith(".255"):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        each.connect((host, port))


def told(kind, addresses) -> str:
    return ", ".join(f"{host}:{port} {outcome(lambda: connect(kind, host, port))}" for host, port in addresses)


names = ", ".join(name for _, name in socket.if_nameindex())
# The table has a head.
routes = open("/proc/net/route").read().strip().split("\n")[1:]
print(f"interfaces: {names}; routes: {', '.join(routes) or 'none'}")

metadata = "169.254.169.254"
print("TCP:", told(socket.SOCK_STREAM, [("192.0.2.1", 80), (metadata, 80), ("172.17.0.1", 22), ("10.0.0.1", 5432), ("2001:db8::1", 443)]))
resolved = outcome(lambda: socket.getaddrinfo("course.example.edu", 80)) == "DONE"
print("UDP:", told(socket.SOCK_DGRAM, [("192.0.2.1", 53), (metadata, 53), ("255.255.255.255", 9)]) + ";", "names:", "RESOLVED" if resolved else "not resolved")
# Loopback is the container's own: what listens there on the host is not there.
print("loopback:", ", ".join(f"{port} {outcome(lambda: connect(socket.SOCK_STREAM, '127.0.0.1', port))}" for port in (5432, 4000, 2375, 10250)))

raw = outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))


def ping():
    """Allowed by the engine to everybody, for `ping`: without a network it reaches nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as each:
        each.sendto(b"\x08\0\0\0\0\0\0\0", ("192.0.2.1", 0))


datagram = outcome(ping)
packet = outcome(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
print(f"raw: ICMP {raw}, ICMP by datagram {datagram}, AF_PACKET {packet}")

families = {"AF_VSOCK": 40, "AF_ALG": 38, "AF_BLUETOOTH": 31, "AF_CAN": 29, "AF_TIPC": 30, "AF_XDP": 44, "AF_RDS": 21, "AF_KCM": 41}
print("families:", ", ".join(f"{name} {outcome(lambda: socket.socket(number, socket.SOCK_SEQPACKET, 0))}" for name, number in families.items()))


def new_interface():
    """RTM_NEWLINK for a dummy one: `getaddrinfo` needs netlink, and this is what else it can do."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + struct.pack("=HH", 12, 18) + struct.pack("=HH", 8, 1) + b"evil"
        route.send(struct.pack("=IHHII", 16 + len(body), 16, 0x5 | 0x400, 1, 0) + body)
        code = -struct.unpack_from("=i", route.recv(4096), 16)[0]
        if code:
            raise OSError(code, "refused")


print("netlink: new interface", outcome(new_interface))

paths = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/postgresql"]
print("files:", ", ".join(f"{path} {'THERE' if os.path.exists(path) else 'none'}" for path in paths))

abstract = [line.split()[-1] for line in open("/proc/net/unix").read().split("\n")[1:] if "@" in line]
with socket.create_server(("0.0.0.0", 0)) as server:
    port = server.getsockname()[1]
    connect(socket.SOCK_STREAM, "127.0.0.1", port)
    server.accept()
print(f"abstract sockets of others: {', '.join(abstract) or 'none'}; listening on 0.0.0.0: reached by itself only")
