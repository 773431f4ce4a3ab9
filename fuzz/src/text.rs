//! Facts as a server would write them.

use slotkeeper::cluster::info_reply::ClusterInfo;

/// CLUSTER INFO, as far as it is read; what a server did not send is left out.
pub fn info(info: &ClusterInfo) -> String {
    let state = if info.state_ok { "ok" } else { "fail" };
    let numbers = [
        ("cluster_slots_assigned", Some(info.slots_assigned.into())),
        ("cluster_slots_ok", Some(info.slots_ok.into())),
        ("cluster_slots_pfail", Some(info.slots_pfail.into())),
        ("cluster_slots_fail", Some(info.slots_fail.into())),
        ("cluster_known_nodes", Some(info.known_nodes.into())),
        ("cluster_size", Some(info.size.into())),
        ("cluster_current_epoch", Some(info.current_epoch)),
        ("cluster_my_epoch", Some(info.my_epoch)),
        ("cluster_stats_messages_sent", Some(info.messages_sent)),
        ("cluster_stats_messages_received", Some(info.messages_received)),
        ("total_cluster_links_buffer_limit_exceeded", info.links_cut),
        ("cluster_nodes_pfail", info.nodes_pfail.map(u64::from)),
        ("cluster_nodes_fail", info.nodes_fail.map(u64::from)),
        ("cluster_voting_nodes_pfail", info.voting_nodes_pfail.map(u64::from)),
        ("cluster_voting_nodes_fail", info.voting_nodes_fail.map(u64::from)),
    ];
    let sent = numbers.iter().filter_map(|(name, number)| Some((name, (*number)?)));
    sent.fold(format!("cluster_state:{state}\r\n"), |text, (name, number)| text + &format!("{name}:{number}\r\n"))
}
