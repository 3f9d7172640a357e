package io.glucogrid.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.glucogrid.feature.TimeParts;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelJsonTest {
    @ParameterizedTest
    @CsvSource({"1738601222, 104.7388606470258", "1391581982, 103.5871450989212"})
    void theShippedModelGivesTheReferenceValues(long eventSeconds, double expected) {
        LinearModel model = ShippedModels.all().get(0);
        long micros = eventSeconds * 1_000_000;

        assertThat(model.id()).isEqualTo("v1@1");
        assertThat(model.features()).containsExactly("subject_id", "dayofweek", "hour");
        double[] inputs = {163669001, TimeParts.dayOfWeek(micros), TimeParts.hour(micros)};
        assertThat(model.predict(inputs)).isCloseTo(expected, within(1e-9));

        double[] read = new double[3];
        ModelInputs.of(model.features()).read(163669001, micros, read);
        assertThat(read).containsExactly(inputs);
    }

    @Property(tries = 200)
    void aModelReadsBackAsItWasWritten(
            @ForAll double intercept, @ForAll @Size(max = 12) double[] coefficients, @ForAll double rmse) {
        List<String> features = java.util.stream.IntStream.range(0, coefficients.length)
                .mapToObj(i -> "x" + i)
                .toList();
        LinearModel model = new LinearModel(
                "a-model_2",
                3,
                features,
                intercept,
                coefficients,
                1_700_000_000_000_000L,
                59_831,
                Map.of("rmse", rmse));

        String text = ModelJson.write(model);
        LinearModel read = ModelJson.read(text);

        assertThat(ModelJson.write(read)).isEqualTo(text);
        assertThat(read.coefficients()).containsExactly(coefficients);
        assertThat(read.intercept()).isEqualTo(intercept);
        assertThat(read.metrics()).isEqualTo(model.metrics());
        assertThat(read.trainingRows()).isEqualTo(59_831);
        assertThat(read.id()).isEqualTo("a-model_2@3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{'name':'../v1','version':1,'features':[],'coefficients':[],'intercept':1}",
                "{'name':'v1','version':0,'features':[],'coefficients':[],'intercept':1}",
                "{'name':'v1','version':1,'features':['a'],'coefficients':[],'intercept':1}",
                "{'name':'v1','version':1,'features':['a'],'coefficients':['1'],'intercept':1}",
                "{'name':'v1','version':1,'features':[],'coefficients':[],'intercept':1e999}",
                "{'name':'v1','version':1,'features':[],'coefficients':[],'intercept':null}"
            })
    void whatIsNotAModelIsRefused(String text) {
        assertThatThrownBy(() -> ModelJson.read(text.replace('\'', '"')))
                .isInstanceOfSatisfying(GridException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ErrorCode.INVALID_REQUEST));
    }
}
