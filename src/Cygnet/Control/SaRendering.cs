// Pictures of SAs as VICI sections: the keys and their order are those of the list-sa event and of the state events.
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

static class SaRendering
{
    /// <summary>Of children, in one event; the IKE_SA's own keys have room beside them.</summary>
    const int EnoughBytes = Vici.MaxSegment / 2;

    /// <summary>
    /// The events of list-sa for an IKE_SA and those of its children that <paramref name="wanted"/> lets through: one, or, where one would be too long for the protocol,
    /// further ones with the same keys, <c>x-continued=yes</c> and the rest of the children.
    /// </summary>
    public static IEnumerable<ViciSection> ListSa(IkeSnapshot ike, Instant now, Func<ChildSnapshot, bool> wanted)
    {
        var message = new ViciSection();
        var (children, bytes) = (Ike(message.AddSection(ike.Name), ike, now).AddSection("child-sas"), 0);
        foreach (var child in ike.Children.Where(wanted))
        {
            var shown = Child(new ViciSection($"{child.Name}-{child.UniqueId}"), child, now);
            var length = Vici.LengthOf(shown);
            if (bytes > 0 && bytes + length > EnoughBytes)
            {
                yield return message;
                message = new();
                (children, bytes) = (Ike(message.AddSection(ike.Name), ike, now).Add("x-continued", "yes").AddSection("child-sas"), 0);
            }
            children.Add(shown);
            bytes += length;
        }
        yield return message;
    }

    /// <summary>Everything of the IKE_SA but its children.</summary>
    public static ViciSection Ike(ViciSection s, IkeSnapshot ike, Instant now)
    {
        s.Add("uniqueid", ike.UniqueId).Add("version", ike.Version).Add("state", Word(ike.State));
        End(s, "local", ike.Local, ike.LocalId);
        End(s, "remote", ike.Remote, ike.RemoteId);
        if (ike.RemoteEapId is { } account && !account.Equals(ike.RemoteId)) s.Add(ike.Version == 1 ? "remote-xauth-id" : "remote-eap-id", account.ToString());
        if (ike.IsInitiator) s.Add("initiator", "yes");
        s.Add("initiator-spi", TextForms.IkeSpi(ike.InitiatorSpi)).Add("responder-spi", TextForms.IkeSpi(ike.ResponderSpi));
        if (ike.NatLocal) s.Add("nat-local", "yes");
        if (ike.NatRemote) s.Add("nat-remote", "yes");
        if (ike.NatFake) s.Add("nat-fake", "yes");
        if (ike.NatLocal || ike.NatRemote || ike.NatFake) s.Add("nat-any", "yes");
        if (ike.IfIdIn != 0) s.Add("if-id-in", TextForms.Spi(ike.IfIdIn));
        if (ike.IfIdOut != 0) s.Add("if-id-out", TextForms.Spi(ike.IfIdOut));
        if (ike.Proposal is { } p)
        {
            Algorithms(s, p);
            s.Add("prf-alg", Name(p, TransformType.Prf)).Add("dh-group", Name(p, TransformType.KeyExchange));
            AdditionalKeyExchanges(s, p);
        }
        if (ike.UsesPpk) s.Add("ppk", "yes");
        if (ike.State == IkeState.Established)
        {
            if (ike.Established is { } at) s.Add("established", Seconds(at, now));
            if (ike.RekeyAt is { } rekey) s.Add("rekey-time", Seconds(now, rekey));
            if (ike.ReauthAt is { } reauth) s.Add("reauth-time", Seconds(now, reauth));
        }
        if (!ike.LocalVips.IsEmpty) s.AddList("local-vips", ike.LocalVips.Select(a => a.ToString()));
        if (!ike.RemoteVips.IsEmpty) s.AddList("remote-vips", ike.RemoteVips.Select(a => a.ToString()));
        if (!ike.TasksQueued.IsEmpty) s.AddList("tasks-queued", ike.TasksQueued);
        if (!ike.TasksActive.IsEmpty) s.AddList("tasks-active", ike.TasksActive);
        if (!ike.TasksPassive.IsEmpty) s.AddList("tasks-passive", ike.TasksPassive);
        return s;
    }

    public static ViciSection Child(ViciSection s, ChildSnapshot child, Instant now)
    {
        s.Add("name", child.Name).Add("uniqueid", child.UniqueId).Add("reqid", child.Reqid).Add("state", Word(child.State)).Add("mode", Word(child.Mode));
        if (child.State is ChildState.Installed or ChildState.Rekeying or ChildState.Rekeyed or ChildState.Deleting or ChildState.Deleted)
        {
            s.Add("protocol", child.Protocol == SecurityProtocol.Ah ? "AH" : "ESP");
            if (child.UdpEncapsulation) s.Add("encap", "yes");
            s.Add("spi-in", TextForms.Spi(child.SpiIn)).Add("spi-out", TextForms.Spi(child.SpiOut));
            if (child.CpiOut != 0) s.Add("cpi-in", child.CpiIn.ToString("x4", CultureInfo.InvariantCulture)).Add("cpi-out", child.CpiOut.ToString("x4", CultureInfo.InvariantCulture));
            if (child.Marks is { } marks) Marks(s, marks);
            if (child.Proposal is { } p)
            {
                Algorithms(s, p);
                if (child.KeMethod != 0) s.Add("dh-group", Name(new Transform(TransformType.KeyExchange, child.KeMethod)));
                AdditionalKeyExchanges(s, p);
            }
            if (child.ExtendedSequenceNumbers) s.Add("esn", "1");
            Traffic(s, "in", child.In, now);
            Traffic(s, "out", child.Out, now);
            if (child.RekeyAt is { } rekey) s.Add("rekey-time", Seconds(now, rekey));
            if (child.ExpiresAt is { } expires) s.Add("life-time", Seconds(now, expires));
            s.Add("install-time", Seconds(child.Installed, now));
        }
        return s.AddList("local-ts", child.LocalTs.Select(t => t.ToString())).AddList("remote-ts", child.RemoteTs.Select(t => t.ToString()));
    }

    public static string Word(ChildMode mode) => mode switch
    {
        ChildMode.TransportProxy => "TRANSPORT_PROXY",
        _ => mode.ToString().ToUpperInvariant(),
    };

    static string Word(IkeState state) => state.ToString().ToUpperInvariant();

    static string Word(ChildState state) => state.ToString().ToUpperInvariant();

    static void End(ViciSection s, string side, Endpoint at, Identity? id) => s
        .Add($"{side}-host", at.Address.ToString())
        .Add($"{side}-port", at.Port)
        .Add($"{side}-id", id?.ToString() ?? "%any");

    static void Algorithms(ViciSection s, Proposal p)
    {
        if (p.First(TransformType.Encryption) is { } encryption)
        {
            s.Add("encr-alg", Name(encryption));
            if (encryption.KeyBits != 0) s.Add("encr-keysize", encryption.KeyBits);
        }
        if (p.First(TransformType.Integrity) is { Id: not Integ.None } integrity)
        {
            s.Add("integ-alg", Name(integrity));
            if (integrity.KeyBits != 0) s.Add("integ-keysize", integrity.KeyBits);
        }
    }

    static void AdditionalKeyExchanges(ViciSection s, Proposal p)
    {
        foreach (var t in p.Transforms)
            if (t.Type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7 && t.Id != Ke.None)
                s.Add($"ake{t.Type - TransformType.AdditionalKeyExchange1 + 1}", Name(t));
    }

    static void Marks(ViciSection s, ChildMarks marks)
    {
        foreach (var (side, mark) in (ReadOnlySpan<(string, Mark)>)[("in", marks.In), ("out", marks.Out)])
        {
            if (mark is { Value: 0, Mask: 0 }) continue;
            s.Add($"mark-{side}", TextForms.Spi(mark.Value));
            if (mark.Mask != uint.MaxValue) s.Add($"mark-mask-{side}", TextForms.Spi(mark.Mask));
        }
        if (marks.IfIdIn != 0) s.Add("if-id-in", TextForms.Spi(marks.IfIdIn));
        if (marks.IfIdOut != 0) s.Add("if-id-out", TextForms.Spi(marks.IfIdOut));
    }

    static void Traffic(ViciSection s, string direction, SaCounters c, Instant now)
    {
        s.Add($"bytes-{direction}", c.Bytes).Add($"packets-{direction}", c.Packets);
        if (c.LastUsed != 0) s.Add($"use-{direction}", Math.Max(0, (now.Milliseconds - c.LastUsed) / 1000));
    }

    static string? Name(Proposal p, TransformType type) => p.First(type) is { } t ? Name(t) : null;

    /// <summary>Without the key length, which has a key of its own.</summary>
    static string Name(Transform t) => Transforms.Find(t)?.Name ?? $"({t.Id})";

    static long Seconds(Instant from, Instant to) => (to.Milliseconds - from.Milliseconds) / 1000;
}
