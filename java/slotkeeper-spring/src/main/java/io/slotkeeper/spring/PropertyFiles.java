package io.slotkeeper.spring;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.springframework.beans.PropertyValues;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.core.env.PropertySourcesPropertyResolver;
import org.springframework.core.io.support.PropertiesLoaderSupport;
import org.springframework.util.DefaultPropertiesPersister;

/**
 * Lets the files of placeholder configurers ({@code <context:property-placeholder location="…">}) name only healthy nodes.
 *
 * <p>Such files are no part of the environment: what they say is changed while they are read. The password stands in the same
 * file, in one that the same configurer reads before, or in the environment. A configurer with a persister of its own is left alone.
 */
final class PropertyFiles implements BeanPostProcessor {
    private static final String MARK = PropertyFiles.class.getName();

    private final ContextStart start;
    private final ConfigurableEnvironment environment;
    private final ConfigurableListableBeanFactory beans;

    PropertyFiles(ContextStart start, ConfigurableEnvironment environment, ConfigurableListableBeanFactory beans) {
        this.start = start;
        this.environment = environment;
        this.beans = beans;
    }

    /** Whether a bean defined in XML reads files, which may name nodes after all property sources have been asked. */
    static boolean mayName(ConfigurableListableBeanFactory beans) {
        return Stream.of(beans.getBeanNamesForType(PropertiesLoaderSupport.class, true, false))
                .anyMatch(name -> defines(beans, name, "location") || defines(beans, name, "locations"));
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof PropertiesLoaderSupport && !defines(beans, name, "propertiesPersister")) {
            ((PropertiesLoaderSupport) bean).setPropertiesPersister(new HealthyFile());
        }
        return bean;
    }

    /** Spring 4.3 has no default for it. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean;
    }

    private static boolean defines(ConfigurableListableBeanFactory beans, String name, String property) {
        PropertyValues values = beans.containsBeanDefinition(name) ? beans.getBeanDefinition(name).getPropertyValues() : null;
        return values != null && values.contains(property);
    }

    /** Reads the files of one configurer, one after the other into the same properties. */
    private final class HealthyFile extends DefaultPropertiesPersister {
        private final Map<String, Object> before = new HashMap<>();
        private final Map<String, Object> written = new HashMap<>();
        private NodeCheck check = new NodeCheck();

        @Override
        public void load(Properties properties, InputStream stream) throws IOException {
            super.load(properties, stream);
            rewrite(properties);
        }

        @Override
        public void load(Properties properties, Reader reader) throws IOException {
            super.load(properties, reader);
            rewrite(properties);
        }

        @Override
        public void loadFromXml(Properties properties, InputStream stream) throws IOException {
            super.loadFromXml(properties, stream);
            rewrite(properties);
        }

        private void rewrite(Properties file) {
            if (start.isLeftToOther()) {
                return;
            }
            restore(file);
            MutablePropertySources sources = new MutablePropertySources(environment.getPropertySources());
            sources.addFirst(new PropertiesPropertySource(MARK, (Properties) file.clone()));
            Settings settings = new Settings(new PropertySourcesPropertyResolver(sources), sources);
            boolean isRequired = false;
            try {
                isRequired = settings.isRequired();
                if (settings.isEnabled()) {
                    healthy(file, settings).forEach((name, value) -> write(file, name, value));
                }
            } catch (RuntimeException | LinkageError failure) {
                check.fail(failure, isRequired);
            }
        }

        private Map<String, Object> healthy(Properties file, Settings settings) {
            String name = settings.nodesProperty();
            if (name == null || !(file.containsKey(name) || file.containsKey(name + "[0]"))) {
                return start.healthy(file);
            }
            if (settings.isEncrypted()) {
                RedisHealthChecker.LOG.warn("The nodes of {} in a file are not checked: they, or the password, are encrypted", name);
                return new HashMap<>();
            }
            if (check.isRefused()) {
                // The password may be in the file that was read now.
                check = new NodeCheck();
            }
            Map<String, Object> healthy = check.properties(settings);
            if (!check.isRefused()) {
                start.open(check);
            }
            return healthy;
        }

        private void write(Properties file, String name, Object value) {
            before.put(name, file.get(name));
            written.put(name, value);
            file.put(name, value);
        }

        /** A further file is read into what was changed for the last one. */
        private void restore(Properties file) {
            written.forEach((name, value) -> {
                if (value.equals(file.get(name)) && before.get(name) == null) {
                    file.remove(name);
                } else if (value.equals(file.get(name))) {
                    file.put(name, before.get(name));
                }
            });
            before.clear();
            written.clear();
        }
    }
}
