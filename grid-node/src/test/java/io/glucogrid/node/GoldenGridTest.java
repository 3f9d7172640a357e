package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.conversation.GoldenCases;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The captured conversations of the reference with the real services of three nodes, each request with the next node. */
@ExtendWith(ThreeNodes.class)
class GoldenGridTest {
    @Test
    void everyNodeAnswersAsTheContractSays(TestGrid grid) throws Exception {
        Path golden = GoldenCases.file();
        List<ApiCaller> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ApiCaller node = new ApiCaller(URI.create(grid.node(i).info().api()));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> node.get("/ready").statusCode() == 200);
            nodes.add(node);
        }
        empty(nodes.get(0));
        try {
            GoldenCases.replay(golden, nodes);
        } finally {
            empty(nodes.get(1));
        }
    }

    /** As after a first start; other tests of the shared grid bring their own readings. */
    private static void empty(ApiCaller api) {
        assertThat(api.post("/teardown", "").statusCode()).isEqualTo(200);
        assertThat(api.post("/setup", "").statusCode()).isEqualTo(200);
    }
}
