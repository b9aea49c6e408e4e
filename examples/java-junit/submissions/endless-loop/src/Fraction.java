public final class Fraction implements Ring<Fraction>, Comparable<Fraction> {
    private final long numerator;
    private final long denominator;

    public Fraction(long numerator, long denominator) {
        if (denominator == 0) throw new IllegalArgumentException("The denominator is 0");
        long divisor = greatestCommonDivisor(Math.abs(numerator), Math.abs(denominator));
        if (denominator < 0) divisor = -divisor;
        this.numerator = numerator / divisor;
        this.denominator = denominator / divisor;
    }

    private static long greatestCommonDivisor(long a, long b) {
        // Takes the smaller from the larger until they are equal: which they never are if one is 0.
        while (a != b) {
            if (a > b) a -= b;
            else b -= a;
        }
        return a;
    }

    public long numerator() {
        return numerator;
    }

    public long denominator() {
        return denominator;
    }

    @Override
    public Fraction plus(Fraction other) {
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
        return Long.compare(numerator * other.denominator, other.numerator * denominator);
    }

    @Override
    public String toString() {
        return denominator == 1 ? String.valueOf(numerator) : numerator + "/" + denominator;
    }
}
