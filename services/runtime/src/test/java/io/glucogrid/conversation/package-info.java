/** Conversations with the feature API that several modules hold: captured ones, and a judge of the answers. */
package io.glucogrid.conversation;
