package io.glucogrid.client.demo;

import io.glucogrid.client.LiveStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Puts the two events of each reading side by side: how long it took online, how long offline. At low rates it prints one
 * line per reading, at high rates one line that is drawn anew. Events are best effort, so this shows and never counts.
 */
final class LiveBoard implements LiveStream.Listener {
    static final double LINES_UP_TO = 5;
    private static final int WAITING = 10_000;
    private static final String LINE = "%7s  %-12s  %7s  %9s  %12s  %12s";

    private final DemoOutput output;
    private final boolean lines;
    private final PathTimes online = new PathTimes();
    private final PathTimes offline = new PathTimes();
    private final AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    private final Map<Reading, LiveEvent> waiting = new Bounded();
    private long shown;
    private volatile @Nullable LiveEvent last;

    private LiveBoard(DemoOutput output, boolean lines) {
        this.output = output;
        this.lines = lines;
    }

    static LiveBoard of(DemoOutput output, double rate) {
        return new LiveBoard(output, rate <= LINES_UP_TO);
    }

    PathTimes online() {
        return online;
    }

    PathTimes offline() {
        return offline;
    }

    /** The latest event that carries a prediction; null before the first. */
    @Nullable
    LiveEvent last() {
        return last;
    }

    /** Time since anything at all was heard, nanoseconds. */
    long silentNanos() {
        return System.nanoTime() - lastHeard.get();
    }

    @Override
    public void beat() {
        lastHeard.set(System.nanoTime());
    }

    @Override
    public synchronized void event(String data) {
        beat();
        LiveEvent event = LiveEvent.parse(data);
        if (event == null) {
            return;
        }
        (event.path() == LiveEvent.Path.ONLINE ? online : offline).record(event.nanos());
        if (!Double.isNaN(event.expected())) {
            last = event;
        }
        Reading reading = new Reading(event.subjectId(), event.eventMicros());
        LiveEvent other = waiting.get(reading);
        if (other == null || other.path() == event.path()) {
            waiting.put(reading, event);
            return;
        }
        waiting.remove(reading);
        if (lines) {
            line(
                    event.path() == LiveEvent.Path.ONLINE ? event : other,
                    other.path() == LiveEvent.Path.ONLINE ? event : other);
        }
    }

    /** Draws the line of high rates. */
    void refresh(long produced) {
        if (!lines) {
            output.refresh(figures(produced));
        }
    }

    /** Counts and times of both paths so far, on one line. */
    String figures(long produced) {
        return "produced " + produced + "   online " + online.count() + " (" + online.text() + ")   offline "
                + offline.count() + " (" + offline.text() + ")";
    }

    private void line(LiveEvent fast, LiveEvent slow) {
        if (shown++ % 30 == 0) {
            output.say(String.format(LINE, "reading", "subject", "glucose", "expected", "online ms", "offline ms"));
        }
        output.say(String.format(
                Locale.ROOT,
                LINE,
                shown,
                fast.subjectId(),
                fast.glucose(),
                String.format(Locale.ROOT, "%.2f", fast.expected()),
                millis(fast.nanos()),
                millis(slow.nanos())));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
    }

    private record Reading(long subjectId, long eventMicros) {}

    /** Forgets readings whose other event never came. */
    private static final class Bounded extends LinkedHashMap<Reading, LiveEvent> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Reading, LiveEvent> eldest) {
            return size() > WAITING;
        }
    }
}
