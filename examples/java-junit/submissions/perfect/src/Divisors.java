/** A class of the student's own. */
final class Divisors {
    private Divisors() {}

    /** Positive, unless both are 0. */
    static long greatestCommon(long a, long b) {
        return b == 0 ? Math.abs(a) : greatestCommon(b, a % b);
    }
}
