package io.glucogrid.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerOptionsTest {
    @Test
    void onlyTheDirectoryMustBeGiven() {
        BrokerOptions options = BrokerOptions.parse(new String[] {"--data", "somewhere"});

        assertThat(options.port()).isEqualTo(29092);
        assertThat(options.topic()).isEqualTo("cgm_readings");
        assertThat(options.partitions()).isEqualTo(6);
        assertThat(options.data()).isAbsolute().endsWithRaw(Path.of("somewhere"));
    }

    @ParameterizedTest
    @CsvSource({
        "--port 1,                         --data is missing",
        "--data,                           --data needs a value",
        "--data d --port x,                '--port must be a whole number from 0 to 65535, not ''x'''",
        "--data d --partitions 0,          '--partitions must be a whole number from 1 to 1000, not ''0'''",
        "--data d --topic a/b,             '''a/b'' is not a topic name'",
        "--data d --prt 1,                 unknown option --prt"
    })
    void wrongUsageIsExplained(String line, String message) {
        assertThatThrownBy(() -> BrokerOptions.parse(line.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
