package io.glucogrid.forecast;

import java.util.List;

/**
 * The subjects that a model is fitted to, wherever their readings are. The trainer never holds a reading: it sends {@link Work} to
 * groups of subjects and merges what comes back, always in the same order, so that the same readings give the same model on one
 * machine and on many.
 */
public interface Population {
    /** Does the work on each group of subjects; answers in an order that depends on nothing but the subjects. */
    <R> List<R> map(Work<R> work);

    /** What one pass over subjects computes. Pure; travels to the data, so implementations are final classes with plain fields. */
    interface Work<R> {
        /** The result for one group, whose subjects come by rising id. */
        R of(List<Seen> subjects);
    }

    /**
     * One subject and how much of it may be seen.
     *
     * @param readings number of leading readings that may be fitted to
     */
    record Seen(SubjectSeries series, int readings) {}
}
