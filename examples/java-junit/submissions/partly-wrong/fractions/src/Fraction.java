// The folder was zipped, not what is in it: the grading script looks one folder deeper.
public final class Fraction implements Ring<Fraction>, Comparable<Fraction> {
    private final long numerator;
    private final long denominator;

    public Fraction(long numerator, long denominator) {
        // Without a look at 0 and at the sign of the denominator.
        long divisor = greatestCommonDivisor(Math.abs(numerator), Math.abs(denominator));
        this.numerator = numerator / divisor;
        this.denominator = denominator / divisor;
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    public long numerator() {
        return numerator;
    }

    public long denominator() {
        return denominator;
    }

    @Override
    public Fraction plus(Fraction other) {
        System.out.println("adding " + this + " and " + other);
        return new Fraction(
            numerator * other.denominator + other.numerator * denominator, denominator * other.denominator);
    }

    @Override
    public Fraction times(Fraction other) {
        return new Fraction(numerator * other.numerator, denominator * other.denominator);
    }

    @Override
    public Fraction negated() {
        return new Fraction(-numerator, denominator);
    }

    @Override
    public int compareTo(Fraction other) {
        // Whole numbers: 2/3 and 3/4 are both 0.
        return Long.compare(numerator / denominator, other.numerator / other.denominator);
    }

    @Override
    public String toString() {
        return denominator == 1 ? "" + numerator : numerator + "/" + denominator;
    }
}
