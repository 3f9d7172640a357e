package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.ignite.Ignite;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What a read costs the network of three nodes, and what it does when one of them leaves. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadHopsTest {
    private static final int SUBJECTS = 300;
    private static final int READS = 100;
    private static final long SECONDS = 1_391_581_982L;

    private static final String ENTITIES = IntStream.rangeClosed(1, SUBJECTS)
            .mapToObj(subject -> "{'subject_id':" + subject + "}")
            .collect(Collectors.joining(",", "{'entities':[", "],"));

    /** Three views; the last has rows of nobody, so none of its keys is found on the way. */
    private static final String MIXED = ENTITIES
            + "'full_feature_names':true,'features':['cgm_hourly_stats_fresh:glucose','cgm_windows:glucose',"
            + "'transformed_timestamp_fresh:hour','cgm_hourly_stats:glucose']}";

    @TempDir
    static Path work;

    private static Ignite first;
    private static Ignite second;
    private static Ignite third;
    private static ApiCaller api;

    @BeforeAll
    static void startNodes() {
        TestNode nodes = new TestNode(work, "hops");
        first = nodes.start("hops-1");
        second = nodes.start("hops-2");
        third = nodes.start("hops-3");
        api = ApiCaller.ready(first);
        ApiCaller.ready(second);
        ApiCaller.ready(third);
        api.posted(
                "/push_stream_event",
                IntStream.rangeClosed(1, SUBJECTS)
                        .mapToObj(subject -> "{'event_timestamp':" + SECONDS + ",'subject_id':" + subject
                                + ",'glucose':" + subject + "}")
                        .collect(Collectors.joining(
                                ",",
                                "{'push_source_name':'cgm_stats_push_source','store_type':'online','events':[",
                                "]}")));
    }

    @AfterAll
    static void stopNodes() {
        first.close();
        second.close();
        third.close();
    }

    @Test
    @Order(1)
    void aReadOfOneViewAsksEachOwnerAtMostOnce() {
        double perRead = messagesPerRead(ENTITIES + "'feature_service':'cgm_activity_v3'}", "/glucose/299");

        System.out.println("messages sent by the asked node per read of " + SUBJECTS + " entities: " + perRead);
        assertThat(perRead)
                .as("two other owners, and now and then an acknowledgement")
                .isLessThan(2.3);
    }

    @Test
    @Order(2)
    void aReadOfSeveralViewsAsksEachOwnerAtMostOnceToo() {
        double perRead = messagesPerRead(MIXED, "/cgm_windows__glucose/299");

        System.out.println(
                "messages sent by the asked node per read of " + SUBJECTS + " entities in three views: " + perRead);
        assertThat(perRead)
                .as("two other owners, and now and then an acknowledgement")
                .isLessThan(2.3);
    }

    @Test
    @Order(3)
    void aReadOfSeveralViewsIsWholeWhileAnOwnerLeaves() {
        CompletableFuture<Void> leaving = CompletableFuture.runAsync(third::close);
        int reads = 0;
        do {
            assertWhole(api.posted("/get_online_features", MIXED));
            reads++;
        } while (!leaving.isDone());
        assertWhole(api.posted("/get_online_features", MIXED));

        System.out.println("reads while a node left: " + reads);
        assertThat(leaving).isCompleted();
    }

    private static double messagesPerRead(String request, String last) {
        api.posted("/get_online_features", request);
        long before = sent(first);
        for (int read = 0; read < READS; read++) {
            JsonNode answer = api.posted("/get_online_features", request);
            assertThat(answer.at(last).asInt()).isEqualTo(SUBJECTS);
        }
        return (sent(first) - before) / (double) READS;
    }

    private static void assertWhole(JsonNode answer) {
        for (int i = 0; i < SUBJECTS; i++) {
            assertThat(answer.at("/cgm_hourly_stats_fresh__glucose/" + i).asInt())
                    .isEqualTo(i + 1);
            assertThat(answer.at("/cgm_windows__glucose/" + i).asInt()).isEqualTo(i + 1);
            assertThat(answer.at("/transformed_timestamp_fresh__hour/" + i).asInt())
                    .isEqualTo(6);
            assertThat(answer.at("/cgm_hourly_stats__glucose/" + i).isNull()).isTrue();
        }
    }

    private static long sent(Ignite node) {
        return ((TcpCommunicationSpi) node.configuration().getCommunicationSpi()).getSentMessagesCount();
    }
}
