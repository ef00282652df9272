// From strongswan.conf's charon.plugins.eap-* and charon.tls to the settings of EAP. strongswan.conf(5).
using Cygnet.Eap;

namespace Cygnet.Config;

/// <summary>Maps the tree of strongswan.conf to <see cref="EapSettings"/>. What is not set, or not readable, keeps the default of strongSwan 5.9.8.</summary>
public static class EapSettingsReader
{
    public static EapSettings Read(StrongswanSettings conf, string daemon = "charon")
    {
        var d = new EapSettings();
        return new()
        {
            Tls = Tls(conf, $"{daemon}.plugins.eap-tls", d.Tls),
            Ttls = Tls(conf, $"{daemon}.plugins.eap-ttls", d.Ttls),
            Peap = Tls(conf, $"{daemon}.plugins.eap-peap", d.Peap),
            TlsMinimum = Version(conf.Text($"{daemon}.tls.version_min"), d.TlsMinimum),
            TlsMaximum = Version(conf.Text($"{daemon}.tls.version_max"), d.TlsMaximum),
            DynamicPreferred = conf.Text($"{daemon}.plugins.eap-dynamic.preferred") ?? d.DynamicPreferred,
            DynamicPrefersPeer = conf.Boolean($"{daemon}.plugins.eap-dynamic.prefer_peer", conf.Boolean($"{daemon}.plugins.eap-dynamic.prefer_user", d.DynamicPrefersPeer)),
            SimRequestIdentity = conf.Boolean($"{daemon}.plugins.eap-sim.request_identity", d.SimRequestIdentity),
            AkaRequestIdentity = conf.Boolean($"{daemon}.plugins.eap-aka.request_identity", d.AkaRequestIdentity),
            AkaSeqCheck = conf.Boolean($"{daemon}.plugins.eap-aka-3gpp.seq_check", d.AkaSeqCheck),
        };
    }

    static EapTlsSettings Tls(StrongswanSettings conf, string section, EapTlsSettings d) => d with
    {
        FragmentSize = (int)Math.Clamp(conf.Number($"{section}.fragment_size", d.FragmentSize), 0, int.MaxValue),
        MaxMessageCount = (int)Math.Clamp(conf.Number($"{section}.max_message_count", d.MaxMessageCount), 0, int.MaxValue),
        IncludeLength = conf.Boolean($"{section}.include_length", d.IncludeLength),
        Phase2Method = conf.Text($"{section}.phase2_method") ?? d.Phase2Method,
        Phase2Piggyback = conf.Boolean($"{section}.phase2_piggyback", d.Phase2Piggyback),
        RequestPeerAuth = conf.Boolean($"{section}.request_peer_auth", d.RequestPeerAuth),
    };

    // Versions below 1.2 are not built: as a minimum they mean the lowest there is, as a maximum nothing that we do.
    static TlsVersion Version(string? text, TlsVersion otherwise) => text?.Trim() switch
    {
        "1.3" => TlsVersion.Tls13,
        "1.0" or "1.1" or "1.2" => TlsVersion.Tls12,
        _ => otherwise,
    };
}
