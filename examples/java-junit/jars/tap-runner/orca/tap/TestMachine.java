package orca.tap;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;

/** The other side of {@link ChildMachine}: runs one test for each line, as `secret class method`. */
public final class TestMachine {
    private static final int MESSAGE_CHARACTERS_MAX = 2000;
    private static final int STACK_LINES_MAX = 20;
    /** What a student does not know: the calls of these are left out. */
    private static final String[] FOREIGN = {"java.", "jdk.", "sun.", "org.junit.", "junit.", "org.hamcrest.", "orca.tap."};

    public static void main(String[] arguments) throws Exception {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
        // What the submission prints goes to standard error, which students see too.
        System.setOut(System.err);
        System.setIn(new ByteArrayInputStream(new byte[0]));
        // Secrets stay in variables of this method, where a submission in the same machine does not reach them by reflection.
        answers.println(questions.readLine() + " ready");
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] question = line.split(" ");
            String outcome = run(question[1], question[2]);
            System.err.flush();
            answers.println(question[0] + " " + outcome);
        }
        // Threads that the submission left behind end with it.
        Runtime.getRuntime().halt(0);
    }

    private static String run(String className, String methodName) {
        try {
            Class<?> testClass = Class.forName(className, false, TestMachine.class.getClassLoader());
            Result result = new JUnitCore().run(Request.method(testClass, methodName));
            if (result.wasSuccessful() && result.getRunCount() == 1) return "passed";
            List<Failure> failures = result.getFailures();
            return failures.isEmpty() ? failed("The test was not run", "") : failed(failures.get(0).getException());
        } catch (Throwable error) {
            return failed(error);
        }
    }

    private static String failed(Throwable error) {
        // An assertion's message says it all; of anything else its kind is told, too.
        String message = error instanceof AssertionError ? error.getMessage() : String.valueOf(error);
        StringBuilder stack = new StringBuilder();
        int lines = 0;
        for (StackTraceElement call : error.getStackTrace()) {
            if (isForeign(call) || ++lines > STACK_LINES_MAX) continue;
            stack.append(stack.length() == 0 ? "" : "\n").append(described(call));
        }
        return failed(message == null ? error.getClass().getName() : message.trim(), stack.toString());
    }

    private static String failed(String message, String stack) {
        String cut = message.length() > MESSAGE_CHARACTERS_MAX ? message.substring(0, MESSAGE_CHARACTERS_MAX) + "…" : message;
        return "failed " + encoded(cut) + " " + encoded(stack);
    }

    private static boolean isForeign(StackTraceElement call) {
        for (String prefix : FOREIGN) if (call.getClassName().startsWith(prefix)) return true;
        return false;
    }

    /** Without the module and the loader, which newer Java puts in front. */
    private static String described(StackTraceElement call) {
        String place = call.getFileName() + ":" + call.getLineNumber();
        return call.getClassName() + "." + call.getMethodName() + "(" + place + ")";
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
