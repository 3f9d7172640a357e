package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the latest value of one subject after the other, from whichever node answers, and remembers the longest time that nobody
 * did. An answer that says that a subject has no value although it had one before is counted as a lie.
 */
public final class Availability implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long PAUSE_MILLIS = 20;
    private static final String SERVICE = "cgm_activity_v3";

    private final NumberedReadings readings;
    private final Supplier<List<String>> addresses;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong lastNanos = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong lies = new AtomicLong();
    private final AtomicReference<@Nullable String> example = new AtomicReference<>();
    private final Thread thread;

    private Availability(NumberedReadings readings, Supplier<List<String>> addresses) {
        this.readings = readings;
        this.addresses = addresses;
        this.thread = new Thread(this::run, "availability");
    }

    /**
     * Starts to read; every subject must have a value already.
     *
     * @param addresses feature APIs of the nodes that are up
     */
    public static Availability watch(NumberedReadings readings, Supplier<List<String>> addresses) {
        Availability watch = new Availability(readings, addresses);
        watch.lastNanos.set(System.nanoTime());
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    /** Longest time without an answer so far, an unfinished one included. */
    public long unavailableMillis() {
        long now = Math.max(longestNanos.get(), System.nanoTime() - lastNanos.get());
        return TimeUnit.NANOSECONDS.toMillis(now);
    }

    /** Answers that denied a value which had been there. */
    public long lies() {
        return lies.get();
    }

    /** The first such answer; empty for none. */
    public String example() {
        String first = example.get();
        return first == null ? "" : first;
    }

    public long answers() {
        return answers.get();
    }

    @Override
    public void close() {
        stop.countDown();
        thread.interrupt();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long turn = 0;
        try {
            while (!stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                List<String> nodes = addresses.get();
                for (int i = 0; i < nodes.size(); i++) {
                    if (answered(nodes.get((int) ((turn + i) % nodes.size())), readings.subject(turn))) {
                        long now = System.nanoTime();
                        longestNanos.accumulateAndGet(now - lastNanos.getAndSet(now), Math::max);
                        break;
                    }
                }
                turn++;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answered(String address, long subject) {
        ArrayNode entities = Json.array();
        entities.addObject().put("subject_id", subject);
        try {
            JsonNode answer = ApiClient.of(address, PATIENCE).onlineFeatures(SERVICE, entities);
            answers.incrementAndGet();
            if (!answer.path("glucose").path(0).isNumber()) {
                lies.incrementAndGet();
                example.compareAndSet(null, address + " of subject " + subject + ": " + answer);
            }
            return true;
        } catch (GridException refused) {
            return false;
        }
    }
}
