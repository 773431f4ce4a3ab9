/**
 * What an application does while a part of the slots is not served: each class asks for the state of a key's slot before each
 * command. {@code docs/degradation.md} says why they do what they do.
 */
package io.slotkeeper.examples;
