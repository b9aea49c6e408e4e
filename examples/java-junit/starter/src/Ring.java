/** Things that can be added and multiplied. Given: your own version of this file is not used. */
public interface Ring<T> {
    T plus(T other);

    T times(T other);

    T negated();
}
