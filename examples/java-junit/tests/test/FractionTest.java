import static org.hamcrest.CoreMatchers.is;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import orca.grading.Graded;
import org.junit.Test;

/** The hidden tests. */
public class FractionTest {
    private static void assertFraction(long numerator, long denominator, Fraction actual) {
        assertEquals("the numerator", numerator, actual.numerator());
        assertEquals("the denominator", denominator, actual.denominator());
    }

    @Test
    @Graded(points = 1, name = "new Fraction() keeps numerator and denominator")
    public void keepsWhatItIsGiven() {
        assertFraction(3, 4, new Fraction(3, 4));
    }

    @Test
    @Graded(points = 2, name = "new Fraction() reduces to lowest terms")
    public void reduces() {
        assertFraction(2, 3, new Fraction(12, 18));
        assertFraction(0, 1, new Fraction(0, 5));
    }

    @Test
    @Graded(points = 1, name = "new Fraction() makes the denominator positive")
    public void hasPositiveDenominator() {
        assertFraction(-1, 2, new Fraction(1, -2));
        assertFraction(1, 2, new Fraction(-2, -4));
    }

    @Test
    @Graded(points = 1, name = "new Fraction() refuses the denominator 0")
    public void refusesZero() {
        assertThrows(IllegalArgumentException.class, () -> new Fraction(1, 0));
    }

    @Test
    @Graded(points = 2, name = "plus() adds")
    public void adds() {
        assertFraction(5, 6, new Fraction(1, 2).plus(new Fraction(1, 3)));
        assertFraction(1, 2, new Fraction(1, 4).plus(new Fraction(1, 4)));
    }

    @Test
    @Graded(points = 1, name = "times() multiplies")
    public void multiplies() {
        assertFraction(1, 2, new Fraction(2, 3).times(new Fraction(3, 4)));
    }

    @Test
    @Graded(points = 1, name = "negated() turns the sign")
    public void negates() {
        assertFraction(-1, 2, new Fraction(1, 2).negated());
    }

    @Test
    @Graded(points = 2, name = "compareTo() orders fractions by their values")
    public void compares() {
        assertThat(new Fraction(2, 3).compareTo(new Fraction(3, 4)), is(lessThan(0)));
        assertThat(new Fraction(2, 3).compareTo(new Fraction(3, 5)), is(greaterThan(0)));
        assertThat(new Fraction(2, 3).compareTo(new Fraction(4, 6)), is(0));
    }

    @Test
    @Graded(points = 1, name = "toString() writes a whole number without its denominator")
    public void shows() {
        assertThat(new Fraction(3, 4).toString(), is("3/4"));
        assertThat(new Fraction(4, 2).toString(), is("2"));
    }
}
