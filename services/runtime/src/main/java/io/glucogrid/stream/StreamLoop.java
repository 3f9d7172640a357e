package io.glucogrid.stream;

import io.glucogrid.grid.GridException;
import io.glucogrid.store.StreamControl.Hold;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Supervises the steps of one consumer on a thread of its own: opens a step, runs it until it fails, closes it, pauses and
 * opens the next one. An {@link Error} is a failure like any other: a thread that ended by it would leave a stream that nobody
 * supervises. One line is logged per change of state, not per attempt.
 */
final class StreamLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamLoop.class);

    enum State {
        STARTING,
        RUNNING,
        PAUSED,
        WAITING,
        STOPPED
    }

    private enum Wish {
        RUN,
        PAUSE,
        STOP
    }

    private final String name;
    private final Supplier<StreamStep<?>> opener;
    private final Backoff backoff;
    private final Duration pollWait;
    private final Object monitor = new Object();
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private boolean stopping;
    private State state = State.STARTING;
    private @Nullable String reason;
    private volatile Map<String, Long> lag = Map.of();

    /** @param opener makes a step, or throws a {@link GridException} that says what it waits for */
    StreamLoop(String name, Supplier<StreamStep<?>> opener, Backoff backoff, Duration pollWait) {
        this.name = name;
        this.opener = opener;
        this.backoff = backoff;
        this.pollWait = pollWait;
    }

    @Override
    public void run() {
        StreamStep<?> step = null;
        try {
            while (true) {
                Wish now = wish();
                if (now == Wish.STOP) {
                    settle(step);
                    return;
                }
                if (now == Wish.PAUSE) {
                    settle(step);
                    close(step);
                    step = null;
                    enter(State.PAUSED, null);
                    awaitOtherWish(Wish.PAUSE);
                    continue;
                }
                try {
                    step = turn(step);
                } catch (RuntimeException | Error failure) {
                    close(step);
                    step = null;
                    waitAfter(failure);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            close(step);
            lag = Map.of();
            enter(State.STOPPED, null);
        }
    }

    /** Opens a step, replaces one that is out of date, or runs one; returns the step to go on with. */
    private @Nullable StreamStep<?> turn(@Nullable StreamStep<?> step) {
        if (step == null) {
            StreamStep<?> opened = opener.get();
            enter(State.RUNNING, null);
            return opened;
        }
        if (!step.isCurrent()) {
            LOG.info("stream={} event=reopened reason=\"the definitions have changed\"", name);
            settle(step);
            close(step);
            return null;
        }
        // An empty poll proves nothing: a batch that always fails must not be tried at full speed.
        if (step.run(pollWait) > 0) {
            backoff.reset();
        }
        lag = step.lag();
        return step;
    }

    private void waitAfter(Throwable failure) throws InterruptedException {
        if (wish() == Wish.STOP) {
            return;
        }
        String why = failure instanceof GridException known
                ? known.reason()
                : failure.getClass().getSimpleName() + ": " + failure.getMessage();
        boolean isNew = enter(State.WAITING, why);
        if (isNew && !(failure instanceof GridException) && !(failure instanceof KafkaException)) {
            LOG.warn("stream={} event=unexpected-failure", name, failure);
        }
        Duration pause = backoff.next();
        synchronized (monitor) {
            if (wish() == Wish.RUN) {
                TimeUnit.NANOSECONDS.timedWait(monitor, pause.toNanos());
            }
        }
    }

    /** Stops consuming after the batches in hand; returns whether that happened in time. */
    boolean pause(Hold hold, Duration deadline) {
        synchronized (monitor) {
            holds.add(hold);
            monitor.notifyAll();
            return awaitState(State.PAUSED, deadline);
        }
    }

    /** Goes on unless another holds the stream. */
    void resume(Hold hold) {
        synchronized (monitor) {
            holds.remove(hold);
            monitor.notifyAll();
        }
    }

    /** Ends the loop after the batches in hand; the caller joins the thread. */
    void stop() {
        synchronized (monitor) {
            stopping = true;
            monitor.notifyAll();
        }
    }

    State state() {
        synchronized (monitor) {
            return state;
        }
    }

    /** What the loop waits for, or who holds it; null where it runs. */
    @Nullable
    String reason() {
        synchronized (monitor) {
            if (state == State.PAUSED && !holds.isEmpty()) {
                return holds.stream()
                        .map(hold -> hold.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
            }
            return reason;
        }
    }

    /** By partition; the last known where the loop is paused or waits, and none where it has stopped. */
    Map<String, Long> lag() {
        return lag;
    }

    private Wish wish() {
        synchronized (monitor) {
            if (stopping) {
                return Wish.STOP;
            }
            return holds.isEmpty() ? Wish.RUN : Wish.PAUSE;
        }
    }

    private void awaitOtherWish(Wish current) throws InterruptedException {
        synchronized (monitor) {
            while (wish() == current) {
                monitor.wait();
            }
        }
    }

    private boolean awaitState(State wanted, Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        synchronized (monitor) {
            try {
                while (state != wanted && state != State.STOPPED) {
                    long left = until - System.nanoTime();
                    if (left <= 0) {
                        return false;
                    }
                    TimeUnit.NANOSECONDS.timedWait(monitor, left);
                }
                return true;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** Returns whether anything changed. */
    private boolean enter(State next, @Nullable String why) {
        synchronized (monitor) {
            if (state == next && Objects.equals(reason, why)) {
                return false;
            }
            state = next;
            reason = why;
            monitor.notifyAll();
        }
        if (next == State.WAITING) {
            LOG.warn("stream={} state=waiting reason=\"{}\"", name, why);
        } else {
            LOG.info("stream={} state={}", name, next.name().toLowerCase(Locale.ROOT));
        }
        return true;
    }

    /** Finishes the batches in hand, so that they need not come again. */
    private void settle(@Nullable StreamStep<?> step) {
        if (step == null) {
            return;
        }
        try {
            step.settle();
        } catch (RuntimeException | Error failure) {
            LOG.warn("stream={} event=not-settled reason=\"{}\"", name, failure.toString());
        }
    }

    private void close(@Nullable StreamStep<?> step) {
        if (step == null) {
            return;
        }
        try {
            step.close();
        } catch (RuntimeException failure) {
            LOG.debug("stream={} event=close-failed", name, failure);
        } catch (Error failure) {
            LOG.warn("stream={} event=close-failed", name, failure);
        }
    }
}
