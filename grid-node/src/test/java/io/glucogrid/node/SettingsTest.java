package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void onlyGridVariablesWithAValueCount() {
        Settings settings = Settings.of(Map.of("PATH", "/bin", "GRID_TOPIC", "t", "GRID_HTTP_PORT", ""));

        assertThat(settings.given()).containsExactly(Map.entry("GRID_TOPIC", "t"));
    }

    @Test
    void everyProblemIsNamedAtOnce() {
        Map<String, String> wrong = Map.of("GRID_HTP_PORT", "1", "GRID_REGION_MB", "lots", "GRID_LOG", "xml");

        assertThatThrownBy(() -> Settings.of(wrong))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining("GRID_HTP_PORT is not a setting (did you mean 'GRID_HTTP_PORT'?)")
                .hasMessageContaining("GRID_REGION_MB must be a whole number, not 'lots'")
                .hasMessageContaining("GRID_LOG must be text or json, not 'xml'");
    }

    @Test
    void everySettingSaysWhatItIs() {
        assertThat(List.of(Setting.values()))
                .allSatisfy(setting -> assertThat(setting.doc()).isNotBlank().doesNotEndWith("."));
    }

    @Test
    void aGivenPortMustBeAPort() {
        assertThatThrownBy(() -> GivenPorts.check(Settings.of(Map.of("GRID_REST_PORT", "80800"))))
                .hasMessage("GRID_REST_PORT must be a whole number from 0 to 65535, not '80800'");
        assertThatThrownBy(() -> GivenPorts.check(Settings.of(Map.of("GRID_THIN_PORT", "x"))))
                .hasMessageContaining("GRID_THIN_PORT must be a whole number");
    }

    @Test
    void aGivenPortThatMovedAwayIsRefused() {
        Settings settings = Settings.of(Map.of("GRID_REST_PORT", "8080"));

        GivenPorts.confirm(settings, Setting.REST_PORT, 8080);
        assertThatThrownBy(() -> GivenPorts.confirm(settings, Setting.REST_PORT, 8081))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.CONFLICT));
    }
}
