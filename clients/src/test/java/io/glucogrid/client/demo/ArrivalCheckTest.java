package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.client.ApiClient;
import io.glucogrid.client.FakeApi;
import io.glucogrid.client.produce.ProducedReading;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArrivalCheckTest {
    private final FakeApi server = FakeApi.start();
    private final ApiClient client = ApiClient.of(server.address(), Duration.ofSeconds(5));
    private final ProducedLog log = new ProducedLog(true);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aHistoricalReadCountsWhereValueAndSecondAreTheReadings() {
        produced(1, 100, 10_500_000);
        produced(1, 101, 11_500_000);
        produced(2, 102, 12_000_000);
        server.answer(
                "POST /get_historical_features",
                200,
                """
                [{"subject_id":1,"event_timestamp":"1970-01-01T00:00:10.500000+00:00","glucose":100,"event_timestamp__":"1970-01-01T00:00:10+00:00"},
                 {"subject_id":1,"event_timestamp":"1970-01-01T00:00:11.500000+00:00","glucose":101,"event_timestamp__":"1970-01-01T00:00:10+00:00"},
                 {"subject_id":2,"event_timestamp":"1970-01-01T00:00:12+00:00","glucose":null,"event_timestamp__":null}]
                """);

        assertThat(check().asOf(client)).isEqualTo(1);
        assertThat(server.requests().get(0)).contains("{\"subject_id\":1,\"event_timestamp\":10.500000}");
    }

    @Test
    void anOnlineRowCountsWhereItIsTheSubjectsLastReading() {
        produced(1, 100, 10_500_000);
        produced(1, 101, 11_500_000);
        server.answer(
                "POST /get_online_features",
                200,
                "{\"subject_id\":[1],\"glucose\":[101],\"event_timestamp\":[\"1970-01-01T00:00:11+00:00\"]}");

        assertThat(check().subjects()).isEqualTo(1);
        assertThat(check().onlineSubjects(client)).isEqualTo(1);

        server.answer(
                "POST /get_online_features",
                200,
                "{\"subject_id\":[1],\"glucose\":[100],\"event_timestamp\":[\"1970-01-01T00:00:10+00:00\"]}");
        assertThat(check().onlineSubjects(client)).isZero();
    }

    @Test
    void everyReadingIsAskedForInBatches() {
        for (int i = 0; i < 600; i++) {
            produced(i, 100, 1_000_000L * i);
        }
        server.answer("POST /get_historical_features", 200, "[]");

        assertThat(check().asOf(client)).isZero();
        assertThat(server.requests()).hasSize(3);
    }

    private ArrivalCheck check() {
        return ArrivalCheck.of(log, "topic");
    }

    private void produced(long subject, long glucose, long micros) {
        log.acknowledged(new ProducedReading(subject, glucose, micros, 0, log.count()));
    }
}
