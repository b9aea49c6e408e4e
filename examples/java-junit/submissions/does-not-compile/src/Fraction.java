public final class Fraction implements Ring<Fraction>, Comparable<Fraction> {
    private final long numerator;
    private final long denominator;

    public Fraction(long numerator, long denominator) {
        if (denominator == 0) throw new IllegalArgumentException("The denominator is 0");
        long divisor = gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
        this.numerator = numerator / divisor;
        this.denominator = denominator / divisor;
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
        return new Fraction(-numerator, denominator)
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
