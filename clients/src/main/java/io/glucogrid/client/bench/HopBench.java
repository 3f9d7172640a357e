package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cgm.Cgm;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import io.glucogrid.client.process.Launcher;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a read costs the network: a grid of three nodes, one of which is asked for entities of all owners and features of three
 * views. Its own metrics say how many messages it has sent.
 */
final class HopBench {
    private static final String MESSAGES = "ignite_communication_tcp_sentMessagesCount";
    private static final int SUBJECTS = 300;
    private static final int WARM_UP = 20;
    private static final int READS = 200;
    private static final int OTHER_OWNERS = 2;

    /** One, and the transport's own acknowledgement of every thirty-second answer. */
    private static final double GOAL = 1.1;

    private final Launcher launcher;
    private final Path workDir;

    HopBench(Launcher launcher, Path workDir) {
        this.launcher = launcher;
        this.workDir = workDir;
    }

    Figure run() {
        Map<String, String> settings = Map.of();
        try (BenchNode asked = BenchNode.start(launcher, workDir.resolve("asked"), settings);
                BenchNode second = asked.join(launcher, workDir.resolve("second"), settings);
                BenchNode third = asked.join(launcher, workDir.resolve("third"), settings);
                WireClient client = WireClient.connect(asked.api())) {
            // Applied twice: each of them has then seen the definitions and the caches.
            push(second.api());
            push(third.api());
            byte[] request = request();
            read(client, request, WARM_UP);
            double before = messages(client);
            read(client, request, READS);
            double perRead = (messages(client) - before) / READS;
            return new Figure("messages_per_owner_of_a_read_of_three_views", perRead / OTHER_OWNERS, "messages", GOAL);
        } catch (IOException broken) {
            throw new GridException(
                    ErrorCode.NOT_READY, "the node broke the connection: " + broken.getMessage(), broken);
        }
    }

    private static void push(URI api) {
        ObjectNode push =
                Json.object().put("push_source_name", "cgm_stats_push_source").put("store_type", "online");
        ArrayNode events = push.putArray("events");
        for (int subject = 1; subject <= SUBJECTS; subject++) {
            events.addObject()
                    .put("event_timestamp", 1391581982)
                    .put(Cgm.SUBJECT, subject)
                    .put(Cgm.GLUCOSE, 111)
                    .put("created", 1391581982);
        }
        ApiClient.of(api.toString(), Duration.ofSeconds(10)).post("/push_stream_event", push);
    }

    private static byte[] request() {
        return WireClient.post(
                "/get_online_features",
                IntStream.rangeClosed(1, SUBJECTS)
                        .mapToObj(subject -> "{\"subject_id\":" + subject + "}")
                        .collect(Collectors.joining(
                                ",",
                                "{\"full_feature_names\":true,\"features\":[\"cgm_hourly_stats_fresh:glucose\","
                                        + "\"cgm_windows:glucose\",\"cgm_hourly_stats:glucose\"],\"entities\":[",
                                "]}")));
    }

    private static void read(WireClient client, byte[] request, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            WireClient.Answer answer = client.exchange(request);
            if (answer.status() != 200) {
                throw new GridException(ErrorCode.INTERNAL, "status " + answer.status() + ": " + answer.text());
            }
        }
    }

    private static double messages(WireClient client) throws IOException {
        byte[] get = "GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        return client.exchange(get)
                .text()
                .lines()
                .filter(line -> line.startsWith(MESSAGES + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(MESSAGES.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new GridException(ErrorCode.INTERNAL, "the node has no metric " + MESSAGES));
    }
}
