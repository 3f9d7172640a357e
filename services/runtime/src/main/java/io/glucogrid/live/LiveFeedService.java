package io.glucogrid.live;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteBiPredicate;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The live feed on this node; peers talk over two Ignite message topics. */
public final class LiveFeedService implements Service, LiveFeed, LivePublisher {
    private static final long serialVersionUID = 1L;
    private static final String EVENTS = "live-events";
    private static final String INTEREST = "live-interest";
    private static final String LISTENING = "listening";

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient @Nullable Running running;

    @Override
    public void init() {
        String node = String.valueOf(ignite.cluster().localNode().consistentId());
        LiveHub hub = new LiveHub(node, new Messages(ignite), Clock.systemUTC());
        Running started = new Running(hub, new EventsListener(hub), new InterestListener(hub));
        ignite.message().localListen(EVENTS, started.events());
        ignite.message().localListen(INTEREST, started.interest());
        hub.start();
        running = started;
    }

    @Override
    public void cancel() {
        Running ending = running;
        if (ending != null) {
            ignite.message().stopLocalListen(INTEREST, ending.interest());
            ignite.message().stopLocalListen(EVENTS, ending.events());
            ending.hub().close();
        }
    }

    @Override
    public Subscription subscribe(Consumer<String> listener) {
        return hub().subscribe(listener);
    }

    @Override
    public boolean isWanted() {
        return hub().isWanted();
    }

    @Override
    public void publish(List<LiveEvent> events) {
        hub().publish(events);
    }

    private LiveHub hub() {
        Running now = running;
        if (now == null) {
            throw new GridException(ErrorCode.NOT_READY, "the live feed has not started");
        }
        return now.hub();
    }

    /** What {@code init} made and {@code cancel} ends. */
    private record Running(LiveHub hub, EventsListener events, InterestListener interest) {}

    /** Sends over Ignite messaging, from the hub's own thread. */
    private static final class Messages implements LiveHub.Peers {
        private final Ignite ignite;

        Messages(Ignite ignite) {
            this.ignite = ignite;
        }

        @Override
        public void announceInterest() {
            if (!ignite.cluster().forRemotes().forServers().nodes().isEmpty()) {
                ignite.message(ignite.cluster().forRemotes().forServers()).send(INTEREST, LISTENING);
            }
        }

        @Override
        public void send(Set<UUID> nodes, List<String> events) {
            if (!ignite.cluster().forNodeIds(nodes).nodes().isEmpty()) {
                ignite.message(ignite.cluster().forNodeIds(nodes)).send(EVENTS, (Object) events.toArray(String[]::new));
            }
        }
    }

    private static final class EventsListener implements IgniteBiPredicate<UUID, String[]> {
        private static final long serialVersionUID = 1L;
        private final transient LiveHub hub;

        EventsListener(LiveHub hub) {
            this.hub = hub;
        }

        @Override
        public boolean apply(UUID sender, String[] events) {
            hub.peerSent(List.of(events));
            return true;
        }
    }

    private static final class InterestListener implements IgniteBiPredicate<UUID, String> {
        private static final long serialVersionUID = 1L;
        private final transient LiveHub hub;

        InterestListener(LiveHub hub) {
            this.hub = hub;
        }

        @Override
        public boolean apply(UUID sender, String listens) {
            hub.peerListens(sender);
            return true;
        }
    }
}
