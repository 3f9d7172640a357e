package io.glucogrid.client.demo;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.ThinGrid;
import io.glucogrid.client.process.StopSignal;
import io.glucogrid.client.produce.Topics;
import io.glucogrid.grid.GridException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Asks for the produced readings again and again, until all have arrived or nothing has moved for a while. */
final class ArrivalWatch {
    private static final Duration STILL = Duration.ofSeconds(45);
    private static final Duration STEP = Duration.ofMillis(300);
    private static final Duration THIN = Duration.ofSeconds(10);
    private static final String ONLINE = "online";
    private static final String OFFLINE = "offline";

    private final Broker kafka;
    private final Nodes nodes;
    private final DemoOutput output;
    private final StopSignal stop;

    ArrivalWatch(Broker kafka, Nodes nodes, DemoOutput output, StopSignal stop) {
        this.kafka = kafka;
        this.nodes = nodes;
        this.output = output;
        this.stop = stop;
    }

    /** The last answer where all have arrived, else the best one. */
    Arrivals await(Topics topics, ArrivalCheck check) {
        Arrivals best = Arrivals.NONE;
        long moved = System.nanoTime();
        while (System.nanoTime() - moved < STILL.toNanos()) {
            kafka.checkAlive();
            nodes.check();
            Arrivals now = ask(topics, check);
            if (now.isComplete(check.readings(), check.subjects())) {
                return now;
            }
            if (now.sum() > best.sum()) {
                best = now;
                moved = System.nanoTime();
            }
            stop.pause(STEP);
        }
        return best;
    }

    /** The stores are asked only when both groups are through, since the answer could not be complete before. */
    private Arrivals ask(Topics topics, ArrivalCheck check) {
        long online = tried(topics, connection -> check.committed(connection, ONLINE));
        long offline = tried(topics, connection -> check.committed(connection, OFFLINE));
        ApiClient api = nodes.api();
        if (online < check.readings() || offline < check.readings() || api == null) {
            return new Arrivals(online, offline, 0, 0, 0);
        }
        long subjects = tried(api, check::onlineSubjects);
        return new Arrivals(online, offline, tried(api, check::asOf), rows(check), subjects);
    }

    private long rows(ArrivalCheck check) {
        List<String> addresses = new ArrayList<>();
        nodes.up().forEach(node -> addresses.add("127.0.0.1:" + node.thinPort()));
        if (addresses.isEmpty()) {
            return 0;
        }
        return tried(addresses, from -> {
            try (ThinGrid thin = ThinGrid.connect(from, THIN)) {
                return check.rows(thin);
            }
        });
    }

    /** A question that the grid refuses counts nothing, says why, and is asked again. */
    private <T> long tried(T source, ToLongFunction<T> question) {
        try {
            return question.applyAsLong(source);
        } catch (GridException refused) {
            output.refresh("not yet: " + refused.reason());
            return 0;
        }
    }
}
