package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.ignite.Ignite;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a read costs the network of three nodes. */
class ReadHopsTest {
    private static final int SUBJECTS = 300;
    private static final int READS = 100;

    @TempDir
    Path work;

    @Test
    void aReadAsksEachOwnerAtMostOnce() {
        TestNode nodes = new TestNode(work, "hops");
        try (Ignite first = nodes.start("hops-1");
                Ignite second = nodes.start("hops-2");
                Ignite third = nodes.start("hops-3")) {
            ApiCaller api = ApiCaller.ready(first);
            ApiCaller.ready(second);
            ApiCaller.ready(third);
            for (int subject = 1; subject <= SUBJECTS; subject++) {
                api.push("online", subject, 1_391_581_982L, subject);
            }
            String request = IntStream.rangeClosed(1, SUBJECTS)
                    .mapToObj(subject -> "{'subject_id':" + subject + "}")
                    .collect(Collectors.joining(",", "{'entities':[", "],'feature_service':'cgm_activity_v3'}"));
            api.posted("/get_online_features", request);

            long before = sent(first);
            for (int read = 0; read < READS; read++) {
                JsonNode answer = api.posted("/get_online_features", request);
                assertThat(answer.at("/glucose/299").asInt()).isEqualTo(300);
            }
            double perRead = (sent(first) - before) / (double) READS;

            System.out.println("messages sent by the asked node per read of " + SUBJECTS + " entities: " + perRead);
            assertThat(perRead)
                    .as("two other owners, and now and then an acknowledgement")
                    .isLessThan(2.3);
        }
    }

    private static long sent(Ignite node) {
        return ((TcpCommunicationSpi) node.configuration().getCommunicationSpi()).getSentMessagesCount();
    }
}
