// redirect: sends the clients of IKE_SAs to another gateway. docs/vici.md; RFC 5685 5.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Control;

sealed class RedirectCommand(IDaemon daemon)
{
    public void AddTo(Dictionary<string, Command> table) => table["redirect"] = Redirect;

    async Task<ViciSection> Redirect(Session session, ViciPacket packet)
    {
        var request = packet.Message;
        var (ike, ikeId, peerIp, peerId) = (request.Utf8("ike"), request.Number("ike-id"), request.Utf8("peer-ip"), request.Utf8("peer-id"));
        if (request.Text("gateway") is not { } text) return Answer.No("missing target gateway");
        var gateway = Identity.Parse(text);
        if (!GatewayIdentity.CanName(gateway)) return Answer.No("unsupported gateway identity");
        TrafficSelector? from = null;
        if (peerIp is not null)
        {
            if (!TrafficSelectorText.TryParse(peerIp, out from, out _) || from.IsDynamic || from.Protocol != 0) return Answer.No("invalid peer IP selector");
            Say($"vici redirect IKE_SAs with src {from} to {gateway}");
        }
        var id = peerId is null ? null : Identity.Parse(peerId);
        if (id is not null) Say($"vici redirect IKE_SAs with ID '{id}' to {gateway}");
        if (ikeId != 0) Say($"vici redirect IKE_SA #{ikeId} to '{gateway}'");
        if (ike is not null) Say($"vici redirect IKE_SA '{ike}' to '{gateway}'");
        if (peerIp is null && id is null && ike is null && ikeId == 0) return Answer.No("missing redirect selector");
        var matches = 0;
        await foreach (var (shard, sa) in daemon.Snapshots().ConfigureAwait(false))
        {
            if (ikeId != 0 && sa.UniqueId != ikeId || ike is not null && sa.Name != ike || from is not null && !from.Contains(sa.Remote.Address)
                || id is not null && (sa.RemoteEapId ?? sa.RemoteId ?? Identity.Any).Match(id) == Identity.NoMatch) continue;
            daemon.Wish(shard, new Wish.Redirect(sa.UniqueId, gateway));
            matches++;
        }
        var error = matches == 0 ? "no matching SAs to redirect found" : null;
        return new ViciSection().Add("success", error is null).Add("matches", matches).Add("errmsg", error);

        void Say(string line) => daemon.Log(LogGroup.Cfg, 1, line);
    }
}
