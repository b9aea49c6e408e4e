package orca.tap;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs tests of JUnit 4 and prints what came out as TAP 13, in the dialect that Orca and Bottlenose read.
 *
 * <pre>
 * java -cp … orca.tap.TapRunner -timeout 10 -total 100 -child-cp … FractionTest
 * java -cp … orca.tap.TapRunner -not-run "The submission does not compile" FractionTest
 * </pre>
 *
 * The tests run in a second Java machine, and this one never loads a class of the submission: whatever the submission
 * does, be it System.exit, this one is there to say that the test has failed, and starts another for the next test.
 * Every test is in the report, with its points.
 */
public final class TapRunner {
    private static final int STATUS_USAGE = 2;

    private double testSeconds = 10;
    private double totalSeconds = 100;
    private String childClassPath = System.getProperty("java.class.path");
    private String whyNotRun = null;
    private final List<String> classNames = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        PrintStream output = new PrintStream(System.out, false, "UTF-8");
        TapRunner runner = new TapRunner();
        if (!runner.readArguments(new ArrayList<>(Arrays.asList(arguments)))) {
            System.err.println("Usage: TapRunner [-timeout SECONDS] [-total SECONDS] [-child-cp PATH] [-not-run WHY] CLASS…");
            System.exit(STATUS_USAGE);
        }
        runner.run(output);
        output.flush();
    }

    private boolean readArguments(List<String> arguments) {
        while (!arguments.isEmpty()) {
            String argument = arguments.remove(0);
            if (!argument.startsWith("-")) {
                classNames.add(argument);
                continue;
            }
            if (arguments.isEmpty()) return false;
            String value = arguments.remove(0);
            if (argument.equals("-timeout")) testSeconds = Double.parseDouble(value);
            else if (argument.equals("-total")) totalSeconds = Double.parseDouble(value);
            else if (argument.equals("-child-cp")) childClassPath = value;
            else if (argument.equals("-not-run")) whyNotRun = value;
            else return false;
        }
        return !classNames.isEmpty();
    }

    private void run(PrintStream output) throws IOException, ClassNotFoundException, InterruptedException {
        long start = System.nanoTime();
        List<PlannedTest> tests = PlannedTest.listAll(classNames);
        List<Verdict> verdicts = new ArrayList<>();
        try (ChildMachine child = new ChildMachine(childClassPath)) {
            for (PlannedTest test : tests) {
                double secondsLeft = totalSeconds - secondsSince(start);
                if (whyNotRun != null) verdicts.add(Verdict.failed(whyNotRun));
                else if (secondsLeft <= 0) verdicts.add(Verdict.failed("Not run: the time for all tests had run out"));
                else verdicts.add(child.run(test, Math.min(testSeconds, secondsLeft)));
            }
        }
        report(output, tests, verdicts, secondsSince(start));
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private void report(PrintStream output, List<PlannedTest> tests, List<Verdict> verdicts, double seconds) {
        long failures = verdicts.stream().filter(verdict -> !verdict.passed).count();
        print(output, "TAP version 13");
        print(output, "1.." + tests.size());
        print(output, String.format(Locale.ROOT, "# Time: %.3f", seconds));
        print(output, "# Tests run: " + tests.size() + ", Failures: " + failures);
        for (int index = 0; index < tests.size(); index++) {
            PlannedTest test = tests.get(index);
            Verdict verdict = verdicts.get(index);
            print(output, (verdict.passed ? "ok " : "not ok ") + (index + 1) + " " + test.name);
            print(output, "  ---");
            print(output, "  weight: " + test.points);
            if (!verdict.passed) {
                print(output, "  header: " + quoted(test.methodName + "(" + test.className + ")"));
                print(output, "  message: " + quoted(verdict.message));
                print(output, "  stack: " + quotedList(verdict.stack));
                print(output, "  defaultTimeout: " + Math.round(testSeconds * 1000));
            }
            print(output, "  ...");
        }
    }

    /** With the line end of Unix on every system. */
    private static void print(PrintStream output, String line) {
        output.print(line + "\n");
    }

    private static String quotedList(List<String> texts) {
        StringBuilder list = new StringBuilder("[");
        for (String text : texts) list.append(list.length() == 1 ? "" : ", ").append(quoted(text));
        return list.append("]").toString();
    }

    /** As a text of JSON, which YAML reads too: on one line, whatever is in it. */
    private static String quoted(String text) {
        // Lone halves of surrogate pairs, which no UTF-8 can hold, become question marks.
        String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        StringBuilder quoted = new StringBuilder("\"");
        for (char character : whole.toCharArray()) {
            if (character == '"' || character == '\\') quoted.append('\\').append(character);
            else if (character == '\n') quoted.append("\\n");
            else if (character == '\t') quoted.append("\\t");
            else if (Character.isISOControl(character) || character == '\u2028' || character == '\u2029' || character == '\ufeff')
                quoted.append(String.format("\\u%04x", (int) character));
            else quoted.append(character);
        }
        return quoted.append('"').toString();
    }
}
