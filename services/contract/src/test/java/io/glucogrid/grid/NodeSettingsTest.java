package io.glucogrid.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeSettingsTest {
    static Map<String, String> valid() {
        Map<String, String> values = new HashMap<>();
        values.put("GRID_HTTP_HOST", "127.0.0.1");
        values.put("GRID_HTTP_PORT", "8000");
        values.put("GRID_HTTP_PORTS", "20");
        values.put("GRID_WORK_DIR", "work-here");
        values.put("GRID_OFFLINE_URI", "tier");
        values.put("GRID_FEATURES", "classpath:features.yaml");
        values.put("GRID_KAFKA_PROPERTIES", "classpath:kafka/local.properties");
        values.put("GRID_KAFKA_BOOTSTRAP", "");
        values.put("GRID_TOPIC", "cgm_readings");
        values.put("GRID_STREAMS", "true");
        values.put("GRID_EXPECTED_NODES", "1");
        values.put("GRID_COMMIT_ROWS", "50000");
        values.put("GRID_COMMIT_MS", "5");
        values.put("GRID_PARQUET_VERSION", "2");
        values.put("GRID_PARQUET_CODEC", "zstd:3");
        values.put("GRID_COMPACT_SEGMENTS", "0");
        values.put("GRID_JOIN_MB", "64");
        values.put("GRID_DEADLINE_MS", "2000");
        values.put("GRID_TEARDOWN", "true");
        values.put("GRID_LOG_READINGS", "true");
        values.put("GRID_HTTP_BODY_KB", "8192");
        values.put("GRID_HTTP_HEADER_KB", "32");
        values.put("GRID_HTTP_ENTITIES", "10000");
        values.put("GRID_HTTP_NESTING", "32");
        values.put("GRID_HTTP_WAITING", "512");
        values.put("GRID_HTTP_READ_MS", "10000");
        return values;
    }

    @Test
    void valuesArriveTyped() {
        NodeSettings settings = NodeSettings.parse(valid());

        assertThat(settings.httpPort()).isEqualTo(8000);
        assertThat(settings.offlineUri().getScheme()).isEqualTo("file");
        assertThat(settings.offlineUri().getPath()).endsWith("/tier");
        assertThat(settings.commitDelay()).isEqualTo(Duration.ofMillis(5));
        assertThat(settings.workDir()).isAbsolute();
    }

    @Test
    void aRemoteTierKeepsItsAddress() {
        Map<String, String> values = valid();
        values.put("GRID_OFFLINE_URI", "hdfs://name:8020/tier");

        assertThat(NodeSettings.parse(values).offlineUri()).hasToString("hdfs://name:8020/tier");
    }

    @Test
    void everyProblemIsNamedAtOnce() {
        Map<String, String> values = valid();
        values.put("GRID_HTTP_PORT", "eight thousand");
        values.put("GRID_STREAMS", "yes");
        values.remove("GRID_TOPIC");
        values.put("GRID_COMMIT_ROW", "1");

        assertThatThrownBy(() -> NodeSettings.parse(values))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining("GRID_HTTP_PORT must be a whole number from 0 to 65535, not 'eight thousand'")
                .hasMessageContaining("GRID_STREAMS must be true or false, not 'yes'")
                .hasMessageContaining("GRID_TOPIC is missing")
                .hasMessageContaining("GRID_COMMIT_ROW is not a setting (did you mean 'GRID_COMMIT_ROWS'?)");
    }
}
