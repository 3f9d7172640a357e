package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.forecast.Horizons;
import io.glucogrid.forecast.SubjectState;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.AsOf;
import io.glucogrid.store.HistoryRow;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.TableSchema;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ignite.Ignite;
import org.jspecify.annotations.Nullable;

/**
 * States of subjects as history has them: what the online state would be, had it seen every reading of the last
 * {@value #DAYS} days in order of time. Two threads of its own read the tier, which knows no deadline; those who ask wait no longer
 * than theirs.
 */
final class HistoryStates implements AutoCloseable {
    /** Days before a subject's last reading that a state is made from. */
    static final int DAYS = 60;

    private static final long MICROS = DAYS * 86_400_000_000L;
    private static final int THREADS = 2;
    private static final int MOST_WAITING = 64;
    private static final int IDLE_SECONDS = 10;
    private static final String DOING = "reading subjects' history";

    private final Ignite ignite;
    private final LocalService<OfflineStore> store;
    private final Plausibility plausibility = new Plausibility(InstantSource.system());
    private final ThreadPoolExecutor readers;

    HistoryStates(Ignite ignite) {
        this.ignite = ignite;
        this.store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        this.readers = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(task, "forecast-history-" + ignite.name());
                    thread.setDaemon(true);
                    return thread;
                });
        readers.allowCoreThreadTimeOut(true);
    }

    /**
     * The states from the readings up to some times, in the order of the questions; without a reading where there is none.
     *
     * @param toMicros by question
     * @throws GridException DEADLINE_EXCEEDED, OVERLOADED, or what the tier throws
     */
    List<SubjectState> upTo(long[] subjects, long[] toMicros, Deadline deadline) {
        return within(deadline, () -> {
            TableSchema table = ReadingsTable.of(ignite);
            long latestMicros = plausibility.latestMicros();
            List<AsOf> questions = new ArrayList<>(subjects.length);
            for (int i = 0; i < subjects.length; i++) {
                questions.add(new AsOf(new Object[] {subjects[i]}, 0, Math.min(toMicros[i], latestMicros)));
            }
            List<@Nullable HistoryRow> last = store.get().asOf(table, questions);
            List<SubjectState> states = new ArrayList<>(subjects.length);
            for (int i = 0; i < subjects.length; i++) {
                deadline.millisLeft(DOING);
                SubjectState state = SubjectState.empty(Horizons.STANDARD);
                states.add(state);
                HistoryRow row = last.get(i);
                if (row != null) {
                    long toTime = row.row().eventMicros();
                    read(table, subjects[i], toTime - MICROS, toTime, state);
                }
            }
            return states;
        });
    }

    /**
     * Takes the readings of a span of event times, both ends included, into a state.
     *
     * @throws GridException DEADLINE_EXCEEDED, OVERLOADED, or what the tier throws
     */
    void read(long subject, long fromMicros, long toMicros, SubjectState into, Deadline deadline) {
        within(deadline, () -> {
            read(ReadingsTable.of(ignite), subject, fromMicros, toMicros, into);
            return into;
        });
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }

    /** One subject at a time: the rows of 60 days are some megabytes, those of a batch of subjects would fill the heap. */
    private void read(TableSchema table, long subject, long fromMicros, long toMicros, SubjectState into) {
        int glucose = table.valueIndex(Cgm.GLUCOSE);
        AsOf range = new AsOf(new Object[] {subject}, fromMicros, toMicros);
        SubjectReadings readings = new SubjectReadings();
        store.get().ranges(table, List.of(range)).get(0).forEach(row -> readings.add(row, glucose));
        readings.applyTo(into, toMicros);
    }

    private <R> R within(Deadline deadline, Callable<R> work) {
        Future<R> future;
        try {
            future = readers.submit(work);
        } catch (RejectedExecutionException full) {
            throw new GridException(ErrorCode.OVERLOADED, "too many forecasts wait for their subjects' history", full);
        }
        try {
            return future.get(deadline.millisLeft(DOING), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            future.cancel(false);
            throw new GridException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + DOING, late);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new GridException(ErrorCode.NOT_READY, "interrupted while " + DOING, stopping);
        } catch (ExecutionException failure) {
            throw ServerCalls.failure(DOING, failure);
        }
    }
}
