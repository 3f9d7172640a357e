package io.glucogrid.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A benchmark of some module, found with {@link java.util.ServiceLoader} and run by {@code glucogrid bench}. */
public interface Benchmark {
    /** What comes after {@code glucogrid bench}. */
    String name();

    /** Measures, and says on the way what it is doing. */
    List<Mark> run(Request request);

    /**
     * What to measure.
     *
     * @param work an empty directory to work in
     * @param rows size of what is measured, in rows; 0 for the size that the marks are meant for
     * @param progress takes one line for each step
     */
    record Request(Path work, long rows, Consumer<String> progress) {}

    /**
     * One measured figure against its mark.
     *
     * @param goal the bound; NaN for a figure that is only told beside others
     * @param atLeast whether the value must reach the goal; otherwise it must stay below it
     */
    record Mark(String name, double value, String unit, double goal, boolean atLeast) {}
}
