package orca.tap;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The Java machine in which the tests and the submission run, one test after the other; a new one after each that ended
 * or had to be killed. It is told each test by a line, and answers with a line that begins with a secret word of that test:
 * what the submission itself prints, or an end of the machine, is never taken for a test that has passed.
 */
final class ChildMachine implements AutoCloseable {
    /** How long a machine may take to start, on a computer that has much else to do. */
    private static final double START_SECONDS = 30;
    private static final double KILL_SECONDS = 10;
    private static final int SECRET_BYTES = 18;
    /** Stands in the queue of answers for the end of the machine. */
    private static final String ENDED = "";

    private final String classPath;
    private final SecureRandom random = new SecureRandom();
    private Process process = null;
    private BufferedWriter questions;
    private BlockingQueue<String> answers;

    ChildMachine(String classPath) {
        this.classPath = classPath;
    }

    Verdict run(PlannedTest test, double seconds) throws IOException, InterruptedException {
        if (process == null && !start()) return stopped("The Java machine for the test did not start");
        String secret = newSecret();
        if (!ask(secret + " " + test.className + " " + test.methodName)) return stopped(ended());
        String answer = await(secret, seconds);
        if (answer == null) return stopped(String.format("This test did not end within %s seconds", plain(seconds)));
        if (answer.equals(ENDED)) return stopped(ended());
        String[] parts = answer.split(" ", -1);
        if (parts[1].equals("passed")) return Verdict.passed();
        List<String> stack = parts[3].isEmpty() ? Arrays.asList() : Arrays.asList(decoded(parts[3]).split("\n"));
        return Verdict.failed(decoded(parts[2]), stack);
    }

    /** @return whether it is ready for its first test */
    private boolean start() throws IOException, InterruptedException {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        ProcessBuilder builder = new ProcessBuilder(
            java, "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath, "orca.tap.TestMachine");
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        process = builder.start();
        questions = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new LinkedBlockingQueue<>();
        readAnswers(process, answers);
        String secret = newSecret();
        return ask(secret) && (secret + " ready").equals(await(secret, START_SECONDS));
    }

    /** Reads on a thread of its own, for as long as the machine lives. */
    private static void readAnswers(Process process, BlockingQueue<String> answers) {
        Thread reader = new Thread(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine())
                    if (!line.isEmpty()) answers.add(line);
            } catch (IOException error) {
                // The machine was killed: that is its end, too.
            }
            answers.add(ENDED);
        });
        reader.setDaemon(true);
        reader.start();
    }

    /** @return whether it could be told: not if the machine has ended between two tests */
    private boolean ask(String question) {
        try {
            questions.write(question + "\n");
            questions.flush();
            return true;
        } catch (IOException error) {
            return false;
        }
    }

    /** @return the line that begins with the secret, {@link #ENDED}, or null when the time is over */
    private String await(String secret, double seconds) throws InterruptedException {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        while (true) {
            String line = answers.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(ENDED) || line.startsWith(secret + " ")) return line;
        }
    }

    private String ended() throws InterruptedException {
        process.waitFor((long) KILL_SECONDS, TimeUnit.SECONDS);
        if (process.isAlive()) return "The submission closed the streams of the Java machine";
        int status = process.exitValue();
        return "The program ended in the middle of the test, with status " + status + ": does it call System.exit?";
    }

    private Verdict stopped(String message) throws InterruptedException {
        close();
        return Verdict.failed(message);
    }

    @Override
    public void close() throws InterruptedException {
        if (process == null) return;
        process.destroyForcibly().waitFor((long) KILL_SECONDS, TimeUnit.SECONDS);
        process = null;
    }

    private String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String plain(double seconds) {
        return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.format(Locale.ROOT, "%.1f", seconds);
    }
}
