package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.WALMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.SimpleBeanDefinitionRegistry;
import org.springframework.beans.factory.xml.XmlBeanDefinitionReader;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** The shipped XML as text and as bean definitions; nothing starts. */
class OverlayTest {
    /** What an overlay may say again. */
    private static final Set<String> MAY_BE_REDEFINED =
            Set.of("grid.host", "grid.ipFinder", "grid.attributes", "grid.services", "grid.storage", "grid.metrics");

    private static SimpleBeanDefinitionRegistry definitions(Resource file) {
        SimpleBeanDefinitionRegistry registry = new SimpleBeanDefinitionRegistry();
        new XmlBeanDefinitionReader(registry).loadBeanDefinitions(file);
        return registry;
    }

    private static List<Resource> shippedFiles() {
        Set<String> seen = new HashSet<>();
        return Environment.SHIPPED.stream()
                .flatMap(name -> XmlDefaults.withImports(Environment.of(name).overlay()).stream())
                .filter(file -> seen.add(String.valueOf(file.getFilename())))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "cluster", "docker", "aws"})
    void everyOverlayDeclaresExactlyOneNode(String name) {
        SimpleBeanDefinitionRegistry registry = definitions(Environment.of(name).overlay());

        assertThat(Arrays.stream(registry.getBeanDefinitionNames()).filter(bean -> IgniteConfiguration.class
                        .getName()
                        .equals(registry.getBeanDefinition(bean).getBeanClassName())))
                .containsExactly("grid.node");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "cluster", "docker", "aws"})
    void anOverlayIsShortAndRedefinesOnlyWhatItMay(String name) {
        String text = XmlDefaults.text(Environment.of(name).overlay());

        assertThat(text.lines().count()).isLessThanOrEqualTo(40);
        Set<String> base = Set.of(
                definitions(new ClassPathResource("glucogrid/base/node.xml")).getBeanDefinitionNames());
        Set<String> redefined = Pattern.compile("<(?:bean|util:\\w+) id=\"([^\"]+)\"")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        assertThat(redefined).isSubsetOf(MAY_BE_REDEFINED).isSubsetOf(base);
    }

    @Test
    void everyPlaceholderIsASettingAndEverySettingOfANodeHasAPlaceholder() {
        Set<String> placeholders = new TreeSet<>();
        for (Resource file : shippedFiles()) {
            placeholders.addAll(XmlDefaults.placeholders(XmlDefaults.text(file)).keySet());
        }
        placeholders.addAll(XmlDefaults.placeholders(XmlDefaults.text(new ClassPathResource(XmlDefaults.JETTY)))
                .keySet());

        assertThat(placeholders)
                .isEqualTo(Arrays.stream(Setting.values())
                        .filter(Setting::isInXml)
                        .map(Setting::key)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void aKeyHasOneDefaultInTheBase() {
        for (Resource file : XmlDefaults.withImports(new ClassPathResource("glucogrid/base/node.xml"))) {
            XmlDefaults.placeholders(XmlDefaults.text(file)).forEach((key, values) -> assertThat(new HashSet<>(values))
                    .as("defaults of %s in %s", key, file.getFilename())
                    .hasSize(1));
        }
    }

    @Test
    void anAttributeTakesTheValueOfItsOwnKey() {
        String text = XmlDefaults.text(new ClassPathResource("glucogrid/base/attributes.xml"));

        assertThat(Pattern.compile("<entry key=\"(GRID_[A-Z_]+)\" value=\"\\$\\{(GRID_[A-Z_]+)")
                        .matcher(text)
                        .results()
                        .toList())
                .hasSize(26)
                .allSatisfy(entry -> assertThat(entry.group(1)).isEqualTo(entry.group(2)));
    }

    @Test
    void anOverlaysDefaultHoldsOverTheBases() {
        Map<String, String> local = XmlDefaults.of(Environment.of("local").overlay());
        Map<String, String> docker = XmlDefaults.of(Environment.of("docker").overlay());

        assertThat(local).containsEntry("GRID_HTTP_HOST", "127.0.0.1").containsEntry("GRID_LOG_READINGS", "true");
        assertThat(docker).containsEntry("GRID_HTTP_HOST", "0.0.0.0").containsEntry("GRID_LOG_READINGS", "false");
        assertThat(XmlDefaults.of(Environment.of("cluster").overlay()))
                .containsEntry("GRID_PEERS", XmlDefaults.REQUIRED);
    }

    @Test
    void aMissingKeyIsNamedWithItsMeaning() {
        assertThatThrownBy(() -> NodeXml.load(
                        Environment.of("cluster"),
                        Map.of("node.name", "n", "node.dir", "d", "node.jetty", "j", "GRID_HOST", "127.0.0.1")))
                .isInstanceOf(GridException.class)
                .hasMessageMatching("environment 'cluster' needs GRID_(PEERS|OFFLINE_URI|KAFKA_BOOTSTRAP): .+");
    }

    @Test
    void anUnknownEnvironmentIsRefusedWithASuggestion() {
        assertThatThrownBy(() -> Environment.of("dokcer")).hasMessageContaining("did you mean 'docker'?");
    }

    @Test
    void persistenceKeepsOnlineRowsOnDiskAndNothingElseWhateverTheEnvironment() {
        Map<String, String> given = Map.ofEntries(
                Map.entry("node.name", "n"),
                Map.entry("node.dir", "d"),
                Map.entry("node.jetty", "j"),
                Map.entry("GRID_HOST", "127.0.0.1"),
                Map.entry("GRID_PEERS", "127.0.0.1:1"),
                Map.entry("GRID_OFFLINE_URI", "t"),
                Map.entry("GRID_KAFKA_BOOTSTRAP", "127.0.0.1:2"));
        Map<String, String> persistent = new HashMap<>(given);
        persistent.put("GRID_PERSISTENCE", "true");
        for (String name : Environment.SHIPPED) {
            try (NodeXml without = NodeXml.load(Environment.of(name), given);
                    NodeXml with = NodeXml.load(Environment.of(name), persistent)) {
                assertThat(persistentCaches(without.configuration())).isEmpty();
                assertThat(persistentCaches(with.configuration())).containsExactly("online-*");
                DataStorageConfiguration storage = with.configuration().getDataStorageConfiguration();
                assertThat(storage.getWalMode()).isEqualTo(WALMode.LOG_ONLY);
                assertThat(storage.getStoragePath()).startsWith("d/rows/");
                assertThat(storage.getDataRegionConfigurations())
                        .extracting(DataRegionConfiguration::getName)
                        .containsExactly("history", "rows");
            }
        }
        assertThat(XmlDefaults.text(Environment.PERSISTENT).lines().count()).isLessThanOrEqualTo(40);
    }

    private static List<String> persistentCaches(IgniteConfiguration node) {
        DataStorageConfiguration storage = node.getDataStorageConfiguration();
        Set<String> regions = Stream.concat(
                        Stream.of(storage.getDefaultDataRegionConfiguration()),
                        Arrays.stream(storage.getDataRegionConfigurations()))
                .filter(DataRegionConfiguration::isPersistenceEnabled)
                .map(DataRegionConfiguration::getName)
                .collect(Collectors.toSet());
        List<String> caches = new ArrayList<>();
        for (CacheConfiguration<?, ?> cache : node.getCacheConfiguration()) {
            String region = cache.getDataRegionName();
            if (regions.contains(region == null ? "default" : region)) {
                caches.add(cache.getName());
            }
        }
        return caches;
    }

    @Test
    void noSecretStandsInTheXml() {
        for (Resource file : shippedFiles()) {
            assertThat(XmlDefaults.text(file).toLowerCase(Locale.ROOT)).doesNotContain("password", "secret=", "token");
        }
    }
}
