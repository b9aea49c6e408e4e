/**
 * A fraction of two whole numbers, which never changes.
 *
 * It is kept in lowest terms, and its denominator is positive: 2/4 is 1/2, and 1/-2 is -1/2.
 */
public final class Fraction implements Ring<Fraction>, Comparable<Fraction> {
    /** @throws IllegalArgumentException if the denominator is 0 */
    public Fraction(long numerator, long denominator) {
        throw new UnsupportedOperationException("Not written yet");
    }

    public long numerator() {
        throw new UnsupportedOperationException("Not written yet");
    }

    public long denominator() {
        throw new UnsupportedOperationException("Not written yet");
    }

    @Override
    public Fraction plus(Fraction other) {
        throw new UnsupportedOperationException("Not written yet");
    }

    @Override
    public Fraction times(Fraction other) {
        throw new UnsupportedOperationException("Not written yet");
    }

    @Override
    public Fraction negated() {
        throw new UnsupportedOperationException("Not written yet");
    }

    @Override
    public int compareTo(Fraction other) {
        throw new UnsupportedOperationException("Not written yet");
    }

    /** Such as "3/4"; a whole number without its denominator: "2". */
    @Override
    public String toString() {
        throw new UnsupportedOperationException("Not written yet");
    }
}
