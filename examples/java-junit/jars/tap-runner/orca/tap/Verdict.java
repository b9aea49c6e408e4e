package orca.tap;

import java.util.Collections;
import java.util.List;

/** How a test came out. */
final class Verdict {
    final boolean passed;
    final String message;
    /** The calls that led to the failure, the innermost first. */
    final List<String> stack;

    private Verdict(boolean passed, String message, List<String> stack) {
        this.passed = passed;
        this.message = message;
        this.stack = stack;
    }

    static Verdict passed() {
        return new Verdict(true, "", Collections.emptyList());
    }

    static Verdict failed(String message) {
        return failed(message, Collections.emptyList());
    }

    static Verdict failed(String message, List<String> stack) {
        return new Verdict(false, message, stack);
    }
}
