package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.ignite.Ignite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of many entities, of the past, and of features chosen one by one. */
class ReadPathTest {
    private static final long SECONDS = 1_391_581_982L;

    @TempDir
    static Path work;

    private static Ignite node;
    private static ApiCaller api;

    @BeforeAll
    static void start() {
        node = new TestNode(work, "reads").start("reads");
        api = ApiCaller.ready(node);
        for (int subject = 1; subject <= 20; subject++) {
            api.push("online_and_offline", subject, SECONDS, 100 + subject);
        }
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void tenThousandEntitiesAreOneRequestAndOneMoreIsTooMany() {
        JsonNode answer = api.posted("/get_online_features", online(10_000));

        assertThat(answer.get("glucose")).hasSize(10_000);
        assertThat(answer.at("/glucose/7").asInt()).isEqualTo(108);
        assertThat(answer.at("/glucose/20").isNull()).isTrue();
        assertThat(api.post("/get_online_features", online(10_001)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void featuresOfSeveralViewsMayBeListed() {
        JsonNode answer = api.posted(
                "/get_online_features",
                "{'entities':[{'subject_id':3}],'features':['cgm_hourly_stats_fresh:glucose','cgm_hourly_stats:glucose',"
                        + "'transformed_timestamp_fresh:hour'],'full_feature_names':true}");

        assertThat(answer.at("/cgm_hourly_stats_fresh__glucose/0").asInt()).isEqualTo(103);
        assertThat(answer.at("/cgm_hourly_stats__glucose/0").isNull()).isTrue();
        assertThat(answer.at("/transformed_timestamp_fresh__hour/0").asInt()).isEqualTo(6);
    }

    @Test
    void aJoinOfAnySizeIsAnsweredInItsOrder() throws Exception {
        JsonNode answer = api.posted("/get_historical_features", join(30_000, ""));

        assertThat(answer).hasSize(30_000);
        for (int i = 0; i < answer.size(); i += 997) {
            JsonNode row = answer.get(i);
            assertThat(row.get("n").asInt()).isEqualTo(i);
            int subject = row.get("subject_id").asInt();
            assertThat(row.get("glucose").asInt(0)).isEqualTo(subject <= 20 ? 100 + subject : 0);
        }
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left.filter(file -> String.valueOf(file.getFileName()).startsWith("join-")))
                    .isEmpty();
        }
    }

    @Test
    void aMistakeInTheLastRowOfALongJoinIsRefusedBeforeAnAnswer() {
        HttpResponse<String> refused =
                api.post("/get_historical_features", join(30_000, ",{'subject_id':'x','event_timestamp':1,'n':1}"));
        HttpResponse<String> ragged =
                api.post("/get_historical_features", join(30_000, ",{'subject_id':1,'event_timestamp':1}"));
        HttpResponse<String> torn = api.post("/get_historical_features", join(30_000, ",{"));

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body())
                .contains("Error fetching historical features")
                .contains("subject_id");
        assertThat(ragged.statusCode()).isEqualTo(422);
        assertThat(ragged.body()).contains("entity 30000");
        assertThat(torn.statusCode()).isEqualTo(422);
        assertThat(torn.body()).contains("json_invalid");
        assertThat(api.onlineGlucose("cgm_activity_v3", 1)).isEqualTo(101);
    }

    @Test
    void aReadOfThePastAnswersWhatWasKnownThen() {
        api.push("online_and_offline", 901, SECONDS, 90);
        api.push("online_and_offline", 901, SECONDS + 600, 96);
        api.posted(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'online_and_offline','event':{"
                        + "'event_timestamp':" + (SECONDS + 60) + ",'subject_id':901,'glucose':91,'created':"
                        + (SECONDS + 3000) + "}}");

        assertThat(glucoseAt(901, SECONDS - 1)).isNull();
        assertThat(glucoseAt(901, SECONDS)).isEqualTo(90);
        assertThat(glucoseAt(901, SECONDS + 599)).isEqualTo(90);
        assertThat(glucoseAt(901, SECONDS + 600)).isEqualTo(96);
        assertThat(api.onlineGlucose("cgm_activity_v3", 901)).isEqualTo(96);
        assertThat(api.post("/get_online_features", past(901, "'yesterday'")).statusCode())
                .isEqualTo(422);
    }

    @Test
    void windowsOfThePastHoldWhatWasKnownThen() {
        api.push("offline", 902, SECONDS, 90);
        api.push("offline", 902, SECONDS + 600, 100);
        api.posted(
                "/push_stream_event",
                "{'push_source_name':'cgm_stats_push_source','store_type':'offline','event':{'event_timestamp':"
                        + (SECONDS + 300) + ",'subject_id':902,'glucose':110,'created':" + (SECONDS + 3_000) + "}}");

        assertThat(countAt(902, SECONDS)).isEqualTo(1);
        assertThat(countAt(902, SECONDS + 700)).isEqualTo(2);
        assertThat(countAt(902, SECONDS + 3_000)).isEqualTo(3);
    }

    private static int countAt(long subject, long seconds) {
        return api.posted(
                        "/get_online_features",
                        "{'entities':[{'subject_id':" + subject
                                + "}],'features':['cgm_windows:glucose_count_24h'],'as_of':" + seconds + "}")
                .at("/glucose_count_24h/0")
                .asInt();
    }

    @Test
    void expressionsOfThePastSeeTheRowsTime() {
        JsonNode answer = api.posted("/get_online_features", past(5, String.valueOf(SECONDS + 7_200)));

        assertThat(answer.at("/hour/0").asInt()).isEqualTo(6);
        assertThat(answer.at("/event_timestamp/0").asText()).isEqualTo("2014-02-05T06:33:02+00:00");
    }

    private static Integer glucoseAt(long subject, long seconds) {
        JsonNode value = api.posted("/get_online_features", past(subject, String.valueOf(seconds)))
                .at("/glucose/0");
        return value.isNull() ? null : value.asInt();
    }

    private static String past(long subject, String asOf) {
        return "{'entities':[{'subject_id':" + subject + "}],'feature_service':'cgm_activity_v3','as_of':" + asOf + "}";
    }

    private static String online(int entities) {
        return IntStream.rangeClosed(1, entities)
                .mapToObj(subject -> "{'subject_id':" + subject + "}")
                .collect(Collectors.joining(",", "{'entities':[", "],'feature_service':'cgm_activity_v3'}"));
    }

    private static String join(int entities, String more) {
        return IntStream.range(0, entities)
                .mapToObj(i ->
                        "{'subject_id':" + (1 + i % 25) + ",'event_timestamp':" + (SECONDS + i) + ",'n':" + i + "}")
                .collect(Collectors.joining(",", "{'entities':[", more + "],'features':['cgm_hourly_stats:glucose']}"));
    }
}
