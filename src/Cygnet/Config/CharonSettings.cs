// From strongswan.conf's charon section to the settings of the protocol core. strongswan.conf(5).
using System.Collections.Immutable;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Config;

/// <summary>Maps the tree of strongswan.conf to <see cref="Settings"/>.</summary>
public static class CharonSettings
{
    /// <summary>What is not set, or not readable, keeps the default of strongSwan 5.9.8. <paramref name="daemon"/> is the name of the section.</summary>
    public static Settings Read(StrongswanSettings conf, string daemon = "charon")
    {
        var d = new Settings();
        string Key(string name) => $"{daemon}.{name}";
        int Number(string name, int otherwise, int least = 0) => (int)Math.Clamp(conf.Number(Key(name), otherwise), least, int.MaxValue);
        bool Boolean(string name, bool otherwise) => conf.Boolean(Key(name), otherwise);
        ushort Port(string name, ushort otherwise) => conf.Number(Key(name), otherwise) is >= 0 and <= 65535 and var port ? (ushort)port : otherwise;
        var ignored = ImmutableArray.CreateBuilder<string>();
        var dos = Boolean("dos_protection", d.DosProtection);
        // before the list of what is ignored is taken
        var (espSpis, ikeSpis, rdnMatching) = (ReadEspSpis(), ReadIkeSpis(), ReadRdnMatching());
        return d with
        {
            RetransmitTimeout = Math.Max(0.001, conf.Real(Key("retransmit_timeout"), d.RetransmitTimeout)),
            RetransmitBase = Math.Max(1, conf.Real(Key("retransmit_base"), d.RetransmitBase)),
            RetransmitTries = Number("retransmit_tries", d.RetransmitTries),
            RetransmitJitter = Math.Min(20, Number("retransmit_jitter", d.RetransmitJitter)),
            RetransmitLimit = Math.Max(0, conf.Real(Key("retransmit_limit"), d.RetransmitLimit)),
            KeepAlive = conf.Time(Key("keep_alive"), d.KeepAlive),
            KeepAliveDpdMargin = conf.Time(Key("keep_alive_dpd_margin"), d.KeepAliveDpdMargin),
            HalfOpenTimeout = conf.Time(Key("half_open_timeout"), d.HalfOpenTimeout),
            DosProtection = dos,
            CookieThreshold = Number("cookie_threshold", d.CookieThreshold),
            CookieThresholdPerIp = Number("cookie_threshold_ip", d.CookieThresholdPerIp),
            BlockThreshold = Number("block_threshold", d.BlockThreshold),
            InitLimitHalfOpen = Number("init_limit_half_open", d.InitLimitHalfOpen),
            InitLimitJobLoad = Number("init_limit_job_load", d.InitLimitJobLoad),
            IkeSaLimit = Number("ikesa_limit", d.IkeSaLimit),
            FragmentSize = Number("fragment_size", d.FragmentSize),
            MaxPacket = Number("max_packet", d.MaxPacket, 1280),
            SignatureAuthentication = Boolean("signature_authentication", d.SignatureAuthentication),
            HashAndUrl = Boolean("hash_and_url", d.HashAndUrl),
            SignatureAuthenticationConstraints = Boolean("signature_authentication_constraints", d.SignatureAuthenticationConstraints),
            RsaPss = Boolean("rsa_pss", d.RsaPss),
            PreferConfiguredProposals = Boolean("prefer_configured_proposals", d.PreferConfiguredProposals),
            CloseIkeOnChildFailure = Boolean("close_ike_on_child_failure", d.CloseIkeOnChildFailure),
            InactivityCloseIke = Boolean("inactivity_close_ike", d.InactivityCloseIke),
            RetryInitiateInterval = conf.Time(Key("retry_initiate_interval"), d.RetryInitiateInterval),
            MakeBeforeBreak = Boolean("make_before_break", d.MakeBeforeBreak),
            ReuseIkeSa = Boolean("reuse_ikesa", d.ReuseIkeSa),
            InitiatorOnly = Boolean("initiator_only", d.InitiatorOnly),
            DeleteRekeyedDelay = conf.Time(Key("delete_rekeyed_delay"), d.DeleteRekeyedDelay),
            Port = Port("port", d.Port),
            PortNatT = Port("port_nat_t", d.PortNatT),
            PreferBestPath = Boolean("prefer_best_path", d.PreferBestPath),
            CheckCurrentPath = Boolean("check_current_path", d.CheckCurrentPath),
            Attributes = ServerAttributes.Read(conf, daemon),
            SendVendorId = Boolean("send_vendor_id", d.SendVendorId),
            CiscoFlexVpn = Boolean("cisco_flexvpn", d.CiscoFlexVpn),
            MultipleAuthentication = Boolean("multiple_authentication", d.MultipleAuthentication),
            ForceEapOnlyAuthentication = Boolean("force_eap_only_authentication", d.ForceEapOnlyAuthentication),
            IgnoreAcquireTs = Boolean("ignore_acquire_ts", d.IgnoreAcquireTs),
            ReplayWindow = Number("replay_window", d.ReplayWindow),
            EspSpis = espSpis,
            IkeSpis = ikeSpis,
            Trust = new() { EnforceCritical = Boolean("x509.enforce_critical", true), RdnMatching = rdnMatching },
            FollowRedirects = Boolean("follow_redirects", d.FollowRedirects),
            TakesCrashTokens = Boolean("x-qcd.take", d.TakesCrashTokens),
            TicketLifetime = Boolean("x-resumption.tickets", false) ? conf.Time(Key("x-resumption.lifetime"), TimeSpan.FromHours(8)) : null,
            Redirects = RedirectRules.Read(conf, daemon, ignored),
            Ignored = ignored.ToImmutable(),
            Eap = EapSettingsReader.Read(conf, daemon),
        };

        EspSpiRange ReadEspSpis()
        {
            if (conf.Text(Key("spi_min")) is null & conf.Text(Key("spi_max")) is null) return d.EspSpis;
            // the other end is then the reference's
            var (least, most) = (conf.Number(Key("spi_min"), 0xc0000000), conf.Number(Key("spi_max"), 0xcfffffff));
            var range = new EspSpiRange((uint)Math.Clamp(least, 0, uint.MaxValue), (uint)Math.Clamp(most, 0, uint.MaxValue));
            if (range.IsUsable) return range;
            ignored.Add($"{Key("spi_min")} = {least:x8} and spi_max = {most:x8} leave less than {EspSpiRange.Fewest} SPIs from {EspSpiRange.All.Least} on, ignored");
            return d.EspSpis;
        }

        IkeSpiLabel ReadIkeSpis()
        {
            var label = new IkeSpiLabel(conf.Bits(Key("spi_mask")), conf.Bits(Key("spi_label")));
            if (label == default || label.IsUsable(IkeSpiLabel.MostShardBits)) return label;
            ignored.Add($"{Key("spi_label")} and spi_mask leave less than 32 random bits and 4 adjacent ones for a shard, ignored");
            return default;
        }

        RdnMatching ReadRdnMatching()
        {
            switch (conf.Text(Key("rdn_matching")))
            {
                case null or "strict": return RdnMatching.Strict;
                case "reordered": return RdnMatching.Reordered;
                case "relaxed": return RdnMatching.Relaxed;
                case var other:
                    ignored.Add($"{Key("rdn_matching")} = {other}: expected strict, reordered or relaxed; it is strict");
                    return RdnMatching.Strict;
            }
        }
    }
}
