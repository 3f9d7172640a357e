package io.glucogrid.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.grid.LocalService;
import io.glucogrid.online.TestGrid;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.ignite.Ignite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFeedTest {
    @Test
    void eventsOfEachNodeReachListenersOnEveryNode(@TempDir Path work) {
        try (TestGrid grid = new TestGrid(work)) {
            Ignite first = grid.node(Map.of(), TestGrid.service(LiveFeed.NAME, new LiveFeedService()));
            Ignite second = grid.node(Map.of(), TestGrid.service(LiveFeed.NAME, new LiveFeedService()));
            LivePublisher far = publisher(second);
            assertThat(far.isWanted()).isFalse();
            List<String> heard = new CopyOnWriteArrayList<>();
            LiveFeed near = new LocalService<>(first, LiveFeed.NAME, LiveFeed.class).get();

            LiveFeed.Subscription subscription = near.subscribe(heard::add);
            await().until(far::isWanted);
            far.publish(events(1, 3));
            publisher(first).publish(events(4, 4));

            await().untilAsserted(() -> assertThat(heard).hasSize(4));
            assertThat(heard).anyMatch(json -> json.contains("\"n\":3,") && json.contains(second.name()));
            assertThat(heard).anyMatch(json -> json.contains("\"n\":4,") && json.contains(first.name()));
            subscription.close();
            publisher(first).publish(events(5, 5));
            assertThat(publisher(first).isWanted()).isFalse();
            assertThat(heard).hasSize(4);
        }
    }

    @Test
    void aListenerThatBlocksNeverBlocksAPublisherAndTheOldestEventsGo() throws Exception {
        try (LiveHub hub = new LiveHub("a", new NoPeers(), InstantSource.system())) {
            hub.start();
            CountDownLatch busy = new CountDownLatch(1);
            CountDownLatch gate = new CountDownLatch(1);
            List<String> heard = new CopyOnWriteArrayList<>();
            hub.subscribe(json -> {
                busy.countDown();
                try {
                    gate.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
                heard.add(json);
            });
            hub.publish(events(1, 1));
            assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();

            for (int i = 0; i < 50; i++) {
                hub.publish(events(i * 1_000 + 2, i * 1_000 + 1_001));
            }
            assertThat(hub.dropped()).isEqualTo(30_000);
            gate.countDown();

            await().untilAsserted(() -> assertThat(heard).hasSize(1 + 1 + 20_000));
            assertThat(heard.get(1)).isEqualTo("{\"dropped\":30000}");
            assertThat(heard.get(heard.size() - 1)).contains("\"n\":50001,");
        }
    }

    @Test
    void aListenerThatThrowsIsNotAskedAgainAndTheOthersHearEverything() {
        try (LiveHub hub = new LiveHub("a", new NoPeers(), InstantSource.system())) {
            hub.start();
            List<String> heard = new CopyOnWriteArrayList<>();
            hub.subscribe(json -> {
                throw new IllegalStateException("gone");
            });
            hub.subscribe(heard::add);

            hub.publish(events(1, 2));
            hub.publish(events(3, 3));

            await().untilAsserted(() -> assertThat(heard).hasSize(3));
        }
    }

    @Test
    void interestThatIsNotRenewedEnds() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        try (LiveHub hub = new LiveHub("a", new NoPeers(), now::get)) {
            hub.start();
            hub.peerListens(UUID.randomUUID());
            assertThat(hub.isWanted()).isTrue();

            now.set(Instant.EPOCH.plus(LiveHub.INTEREST).plusMillis(1));

            await().until(() -> !hub.isWanted());
            assertThat(hub.interestedPeers()).isEmpty();
        }
    }

    private static LivePublisher publisher(Ignite node) {
        LocalService<LivePublisher> service = new LocalService<>(node, LiveFeed.NAME, LivePublisher.class);
        // The services of a node that joins start after it has joined.
        await().until(service::isReady);
        return service.get();
    }

    private static List<LiveEvent> events(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(n -> new LiveEvent("online", n, 7L, 0, 100L, 101.0, "v1@1", 5))
                .toList();
    }

    private static final class NoPeers implements LiveHub.Peers {
        @Override
        public void announceInterest() {
            // nobody is there
        }

        @Override
        public void send(Set<UUID> nodes, List<String> events) {
            // nobody is there
        }
    }
}
