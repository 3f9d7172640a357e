package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.grid.Buckets;
import io.glucogrid.grid.GridException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the latest value of one subject of each partition, again and again, and remembers for each the longest time without an
 * answer: a partition that nobody serves is not hidden by the others.
 *
 * <p>An answer counts where it has a value, and none older than an answer before it had. One that says that a subject has no value
 * although it had one is counted as a lie, one that is older as that. A node that refuses or is silent is left alone for a while,
 * as a load balancer would do; the next question goes to another.
 */
public final class Availability implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Pace PACE = new Pace(80, 3_000);

    /** Few partitions for each, so that those without an answer hardly delay the question for the next. */
    private static final int THREADS = 16;

    /** To know who is up takes reading files and the list of processes: once for all threads, and not with each question. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long NEVER = Long.MIN_VALUE;
    private static final String SERVICE = "cgm_activity_v3";

    private final Supplier<List<String>> addresses;
    private final Pace pace;
    private final List<Watched> watched;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, ApiClient> clients = new ConcurrentHashMap<>();
    private final Map<String, Long> silentNanos = new ConcurrentHashMap<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong lies = new AtomicLong();
    private final AtomicLong older = new AtomicLong();
    private final AtomicReference<@Nullable String> example = new AtomicReference<>();
    private List<String> up = List.of();
    private long nextLookNanos = System.nanoTime();

    private Availability(List<Watched> watched, Supplier<List<String>> addresses, Pace pace) {
        this.watched = List.copyOf(watched);
        this.addresses = addresses;
        this.pace = pace;
    }

    /**
     * How often is asked.
     *
     * @param pauseMillis after each question of a thread
     * @param avoidedMillis for how long a silent node is left alone
     */
    record Pace(long pauseMillis, long avoidedMillis) {}

    /** One subject: when it was last answered for, and what was the newest answer. One thread at a time asks for it. */
    private static final class Watched {
        private final long subject;
        private final AtomicLong lastNanos;
        private final AtomicLong longestNanos = new AtomicLong();
        private final AtomicLong stretchNanos = new AtomicLong();
        private volatile long stretchStart;
        private volatile long newestSeconds = NEVER;
        private volatile String refusal = "";
        private volatile String longestRefusal = "";

        Watched(long subject, long nowNanos) {
            this.subject = subject;
            this.lastNanos = new AtomicLong(nowNanos);
            this.stretchStart = nowNanos;
        }

        void answered(long seconds) {
            long now = System.nanoTime();
            long last = lastNanos.getAndSet(now);
            long gap = now - last;
            if (gap > longestNanos.get()) {
                longestNanos.set(gap);
                longestRefusal = refusal;
            }
            refusal = "";
            stretchNanos.accumulateAndGet(now - Math.max(last, stretchStart), Math::max);
            newestSeconds = seconds;
        }

        long unavailableNanos() {
            return Math.max(longestNanos.get(), System.nanoTime() - lastNanos.get());
        }

        void refused(String reason) {
            refusal = reason;
        }

        String why() {
            boolean goesOn = System.nanoTime() - lastNanos.get() > longestNanos.get();
            return "bucket " + Buckets.of(subject) + ": " + (goesOn ? refusal : longestRefusal);
        }

        long takeNanos() {
            long now = System.nanoTime();
            long goesOn = now - Math.max(lastNanos.get(), stretchStart);
            stretchStart = now;
            return Math.max(stretchNanos.getAndSet(0), goesOn);
        }
    }

    /**
     * Starts to read; every subject must have a value already.
     *
     * @param addresses feature APIs of the nodes that are up
     */
    public static Availability watch(NumberedReadings readings, Supplier<List<String>> addresses) {
        return watch(readings, addresses, PACE);
    }

    static Availability watch(NumberedReadings readings, Supplier<List<String>> addresses, Pace pace) {
        Map<Integer, Watched> byPartition = new TreeMap<>();
        long now = System.nanoTime();
        for (int i = 0; i < readings.subjects(); i++) {
            long subject = readings.subject(i);
            byPartition.putIfAbsent(Buckets.of(subject), new Watched(subject, now));
        }
        Availability watch = new Availability(new ArrayList<>(byPartition.values()), addresses, pace);
        for (int first = 0; first < Math.min(THREADS, watch.watched.size()); first++) {
            int from = first;
            Thread thread = new Thread(() -> watch.run(from), "availability-" + first);
            thread.setDaemon(true);
            watch.threads.add(thread);
            thread.start();
        }
        return watch;
    }

    /** Longest time without an answer for any partition so far, an unfinished one included. */
    public long unavailableMillis() {
        return TimeUnit.NANOSECONDS.toMillis(
                watched.stream().mapToLong(Watched::unavailableNanos).max().orElse(0));
    }

    /** Which bucket that was, and why the last question before its end had no answer. */
    public String unavailableReason() {
        return watched.stream()
                .max(Comparator.comparingLong(Watched::unavailableNanos))
                .map(Watched::why)
                .orElse("");
    }

    /**
     * {@link #unavailableMillis} since the last call, so that what follows one fault is told from what follows the next. Of a time
     * without an answer that began before the last call, only what came after it counts.
     */
    public long takeMillis() {
        return TimeUnit.NANOSECONDS.toMillis(
                watched.stream().mapToLong(Watched::takeNanos).max().orElse(0));
    }

    /** Answers that denied a value which had been there. */
    public long lies() {
        return lies.get();
    }

    /** Answers with a value that was older than one that had been answered before. */
    public long older() {
        return older.get();
    }

    /** The first answer that denied a value; empty for none. */
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
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join(PATIENCE.toMillis());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks for every {@value #THREADS}th subject in turn, in each round another node. */
    private void run(int first) {
        try {
            for (int round = 0; ; round++) {
                for (int i = first; i < watched.size(); i += THREADS) {
                    ask(watched.get(i), i / THREADS + round);
                    if (stop.await(pace.pauseMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks one node; one that was silent a moment ago only where all were. */
    private void ask(Watched subject, int turn) {
        List<String> nodes = up();
        List<String> lively =
                nodes.stream().filter(address -> !isSilent(address)).toList();
        List<String> asked = lively.isEmpty() ? nodes : lively;
        if (!asked.isEmpty()) {
            ask(asked.get(turn % asked.size()), subject);
        }
    }

    private synchronized List<String> up() {
        long now = System.nanoTime();
        if (now >= nextLookNanos) {
            up = addresses.get();
            clients.keySet().retainAll(up);
            nextLookNanos = now + LOOK_NANOS;
        }
        return up;
    }

    private boolean isSilent(String address) {
        Long since = silentNanos.get(address);
        return since != null && System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(pace.avoidedMillis());
    }

    private void ask(String address, Watched subject) {
        ArrayNode entities = Json.array();
        entities.addObject().put("subject_id", subject.subject);
        JsonNode answer;
        try {
            answer = clients.computeIfAbsent(address, node -> ApiClient.of(node, PATIENCE))
                    .onlineFeatures(SERVICE, entities);
        } catch (GridException refused) {
            silentNanos.put(address, System.nanoTime());
            subject.refused(address + ": " + refused.reason());
            return;
        }
        answers.incrementAndGet();
        long seconds = seconds(answer);
        if (seconds == NEVER) {
            example.compareAndSet(null, address + " of subject " + subject.subject + ": " + answer);
            lies.incrementAndGet();
        } else if (seconds < subject.newestSeconds) {
            older.incrementAndGet();
            subject.refused(address + " had an older value");
        } else {
            subject.answered(seconds);
        }
    }

    /** Event time of the answered value; {@link #NEVER} where there is none. */
    private static long seconds(JsonNode answer) {
        if (!answer.path("glucose").path(0).isNumber()) {
            return NEVER;
        }
        try {
            return OffsetDateTime.parse(answer.path("event_timestamp").path(0).asText())
                    .toEpochSecond();
        } catch (DateTimeException noTime) {
            return NEVER;
        }
    }
}
