package io.glucogrid.live;

import io.glucogrid.cgm.LiveFeed.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the events of all nodes to the listeners of this one.
 *
 * <p>A node with listeners says so to the others, at once and again every {@link #RENEWAL}; a node that has heard nothing for
 * {@link #INTEREST} stops sending, and where nobody listens anywhere no event is even made. Publishers and peers only put a
 * batch into a bounded queue; one thread per node takes batches out, calls the listeners and sends the node's own events on,
 * one message per batch. When that thread cannot keep up, the oldest batches are dropped, and the listeners of this node are told
 * how many events that were ({@link #dropped(long)}): the feed is a view, not a record.
 */
public final class LiveHub implements LivePublisher, AutoCloseable {
    static final Duration RENEWAL = Duration.ofSeconds(2);
    static final Duration INTEREST = Duration.ofSeconds(6);
    /** How the text begins that stands for events which were dropped. */
    public static final String DROPPED = "{\"dropped\":";

    private static final int QUEUED_EVENTS = 20_000;
    private static final long JOIN_MILLIS = 2_000;
    private static final Logger LOG = LoggerFactory.getLogger(LiveHub.class);

    /** How hubs of several nodes reach each other. */
    interface Peers {
        /** Tells every other node that somebody here listens. */
        void announceInterest();

        /** Sends events to other nodes, in order; may fail. */
        void send(Set<UUID> nodes, List<String> events);
    }

    private final String node;
    private final Peers peers;
    private final InstantSource clock;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Map<UUID, Instant> interestedUntil = new ConcurrentHashMap<>();
    private final Deque<Batch> queue = new ArrayDeque<>();
    private final Thread thread;
    private int queued;
    private long dropped;
    private long untold;
    private boolean closed;
    private volatile boolean announceNow;

    LiveHub(String node, Peers peers, InstantSource clock) {
        this.node = node;
        this.peers = peers;
        this.clock = clock;
        this.thread = new Thread(this::run, "live-feed-" + node);
        this.thread.setDaemon(true);
    }

    /** What a listener gets in the place of events that were dropped, such as {@code {"dropped":12}}. */
    public static String dropped(long events) {
        return DROPPED + events + "}";
    }

    void start() {
        thread.start();
    }

    Subscription subscribe(Consumer<String> listener) {
        Listener added = new Listener(listener);
        listeners.add(added);
        announceNow = true;
        wake();
        return () -> listeners.remove(added);
    }

    @Override
    public boolean isWanted() {
        return !listeners.isEmpty() || !interestedUntil.isEmpty();
    }

    @Override
    public void publish(List<LiveEvent> events) {
        if (!events.isEmpty() && isWanted()) {
            enqueue(new Batch(List.copyOf(events), List.of()));
        }
    }

    /** A peer has listeners. */
    void peerListens(UUID peer) {
        interestedUntil.put(peer, clock.instant().plus(INTEREST));
    }

    /** A peer sent events. */
    void peerSent(List<String> events) {
        if (!listeners.isEmpty()) {
            enqueue(new Batch(List.of(), events));
        }
    }

    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
            queue.notifyAll();
        }
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void enqueue(Batch batch) {
        synchronized (queue) {
            queue.addLast(batch);
            queued += batch.size();
            while (queued > QUEUED_EVENTS && queue.size() > 1) {
                int size = queue.removeFirst().size();
                queued -= size;
                dropped += size;
                untold += size;
            }
            queue.notifyAll();
        }
    }

    private void wake() {
        synchronized (queue) {
            queue.notifyAll();
        }
    }

    private void run() {
        Instant announced = Instant.MIN;
        try {
            while (true) {
                Batch batch;
                long missed;
                synchronized (queue) {
                    if (queue.isEmpty() && !closed && !announceNow) {
                        queue.wait(RENEWAL.toMillis() / 2);
                    }
                    if (closed) {
                        return;
                    }
                    batch = queue.pollFirst();
                    queued -= batch == null ? 0 : batch.size();
                    missed = untold;
                    untold = 0;
                }
                if (missed > 0) {
                    List<String> told = List.of(dropped(missed));
                    listeners.removeIf(listener -> !listener.takes(told));
                }
                Instant now = clock.instant();
                interestedUntil.values().removeIf(now::isAfter);
                if (!listeners.isEmpty() && (announceNow || now.isAfter(announced.plus(RENEWAL)))) {
                    announceNow = false;
                    announced = now;
                    guarded(peers::announceInterest);
                }
                announceNow = announceNow && !listeners.isEmpty();
                if (batch != null) {
                    deliver(batch);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(Batch batch) {
        List<String> own = batch.own().stream().map(event -> event.json(node)).toList();
        Set<UUID> interested = own.isEmpty() ? Set.of() : Set.copyOf(interestedUntil.keySet());
        listeners.removeIf(listener -> !listener.takes(own) || !listener.takes(batch.foreign()));
        if (!interested.isEmpty()) {
            guarded(() -> peers.send(interested, own));
        }
    }

    /** The feed is best effort: a peer that cannot be reached costs its events and nothing else. */
    private static void guarded(Runnable sending) {
        try {
            sending.run();
        } catch (RuntimeException failure) {
            LOG.debug("event=live-send-failed reason=\"{}\"", failure.toString());
        }
    }

    /** Events dropped since the start, for tests and diagnosis. */
    long dropped() {
        synchronized (queue) {
            return dropped;
        }
    }

    Set<UUID> interestedPeers() {
        return interestedUntil.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    /** Told apart by identity: the same consumer may subscribe twice. */
    private static final class Listener {
        private final Consumer<String> target;

        Listener(Consumer<String> target) {
            this.target = target;
        }

        /** Whether the listener took the events; one that throws is not asked again. */
        boolean takes(List<String> events) {
            try {
                events.forEach(target);
                return true;
            } catch (RuntimeException failure) {
                LOG.warn("event=live-listener-removed reason=\"{}\"", failure.toString());
                return false;
            }
        }
    }

    private record Batch(List<LiveEvent> own, List<String> foreign) {
        int size() {
            return own.size() + foreign.size();
        }
    }
}
