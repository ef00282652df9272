// From strongswan.conf's charon section to the settings of the protocol core. ike-behaviour.md section 16.
using System.Collections.Immutable;
using Cygnet.Ike;

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
        return d with
        {
            RetransmitTimeout = Math.Max(0.001, conf.Real(Key("retransmit_timeout"), d.RetransmitTimeout)),
            RetransmitBase = Math.Max(1, conf.Real(Key("retransmit_base"), d.RetransmitBase)),
            RetransmitTries = Number("retransmit_tries", d.RetransmitTries),
            RetransmitJitter = Math.Min(20, Number("retransmit_jitter", d.RetransmitJitter)),
            RetransmitLimit = Math.Max(0, conf.Real(Key("retransmit_limit"), d.RetransmitLimit)),
            KeepAlive = conf.Time(Key("keep_alive"), d.KeepAlive),
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
            FollowRedirects = Boolean("follow_redirects", d.FollowRedirects),
            TakesCrashTokens = Boolean("x-qcd.take", d.TakesCrashTokens),
            TicketLifetime = Boolean("x-resumption.tickets", false) ? conf.Time(Key("x-resumption.lifetime"), TimeSpan.FromHours(8)) : null,
            Redirects = RedirectRules.Read(conf, daemon, ignored),
            Ignored = ignored.ToImmutable(),
            Eap = EapSettingsReader.Read(conf, daemon),
        };
    }
}
