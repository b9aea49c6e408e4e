package orca.grading;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a test of JUnit is worth, and what students read: it says what should be so without giving the answer away. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Graded {
    /** The points of the test. */
    double points() default 1;

    /** The name of the test in the report, without `#`, which TAP reads as the end of a name. */
    String name();
}
