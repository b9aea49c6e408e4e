package orca.tap;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import orca.grading.Graded;
import org.junit.Test;

/** A method with JUnit's {@code @Test}; what it is worth and called stands in {@code @Graded}. */
final class PlannedTest {
    final String className;
    final String methodName;
    final String name;
    final double points;

    private PlannedTest(Method method) {
        Graded graded = method.getAnnotation(Graded.class);
        className = method.getDeclaringClass().getName();
        methodName = method.getName();
        name = graded == null ? methodName : graded.name();
        points = graded == null ? 1 : graded.points();
    }

    /** The tests of the classes, in the order of their names: Java does not keep that of the file. */
    static List<PlannedTest> listAll(List<String> classNames) throws ClassNotFoundException {
        List<PlannedTest> tests = new ArrayList<>();
        for (String className : classNames) {
            Class<?> testClass = Class.forName(className, false, PlannedTest.class.getClassLoader());
            for (Method method : testClass.getDeclaredMethods())
                if (method.isAnnotationPresent(Test.class)) tests.add(new PlannedTest(method));
        }
        tests.sort(Comparator.comparing((PlannedTest test) -> test.name).thenComparing(test -> test.methodName));
        return tests;
    }
}
