package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.NodeSettings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.services.ServiceConfiguration;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.xml.XmlBeanDefinitionReader;
import org.springframework.context.ApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The node's Spring context: an overlay with its placeholders filled from the given values and from nothing else. */
final class NodeXml implements AutoCloseable {
    private static final Pattern UNRESOLVED = Pattern.compile("Could not resolve placeholder '([^']+)'");

    private final GenericApplicationContext context;

    private NodeXml(GenericApplicationContext context) {
        this.context = context;
    }

    /**
     * Loads an environment's XML.
     *
     * @param values {@code GRID_*} keys that were given, and what the node process supplies ({@code node.*})
     * @throws GridException INVALID_CONFIG that names a key without value, or what is wrong with the XML
     */
    static NodeXml load(Environment environment, Map<String, String> values) {
        GenericApplicationContext context = new GenericApplicationContext();
        context.setEnvironment(only(values));
        try {
            XmlBeanDefinitionReader reader = new XmlBeanDefinitionReader(context);
            reader.loadBeanDefinitions(environment.overlay());
            if (KeptRows.isWanted(values)) {
                reader.loadBeanDefinitions(Environment.PERSISTENT);
            }
            PropertySourcesPlaceholderConfigurer placeholders = new PropertySourcesPlaceholderConfigurer();
            placeholders.setEnvironment(context.getEnvironment());
            context.addBeanFactoryPostProcessor(placeholders);
            context.refresh();
        } catch (BeansException failure) {
            context.close();
            throw new GridException(ErrorCode.INVALID_CONFIG, explained(environment, failure), failure);
        }
        return new NodeXml(context);
    }

    /** Text with its placeholders filled as in the XML. */
    static String resolved(String text, Map<String, String> values) {
        return only(values).resolveRequiredPlaceholders(text);
    }

    private static StandardEnvironment only(Map<String, String> values) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
        environment.getPropertySources().remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        environment.getPropertySources().addFirst(new MapPropertySource("node", new LinkedHashMap<>(values)));
        return environment;
    }

    private static String explained(Environment environment, BeansException failure) {
        String message = String.valueOf(
                NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
        Matcher unresolved = UNRESOLVED.matcher(message);
        if (unresolved.find()) {
            String key = unresolved.group(1);
            return "environment '" + environment.name() + "' needs " + key
                    + Setting.ofKey(key).map(setting -> ": " + setting.doc()).orElse("");
        }
        return "environment '" + environment.name() + "': " + message;
    }

    ApplicationContext context() {
        return context;
    }

    /** The one node that the XML declares. */
    IgniteConfiguration configuration() {
        return context.getBean("grid.node", IgniteConfiguration.class);
    }

    /** Whether a service of that name is to run on the node. */
    boolean declares(String service) {
        ServiceConfiguration[] services = configuration().getServiceConfiguration();
        return services != null && Arrays.stream(services).anyMatch(candidate -> service.equals(candidate.getName()));
    }

    /** The node's settings, checked. */
    NodeSettings settings() {
        Map<String, String> values = new LinkedHashMap<>();
        configuration().getUserAttributes().forEach((key, value) -> values.put(key, String.valueOf(value)));
        return NodeSettings.parse(values);
    }

    @Override
    public void close() {
        context.close();
    }
}
