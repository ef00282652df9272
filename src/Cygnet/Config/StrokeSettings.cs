// The settings of charon's section that its front end has an equivalent for: they say how ipsec.conf and ipsec.secrets are read. strongswan.conf, plugins.stroke.
namespace Cygnet.Config;

/// <summary>Read by <c>starter</c> and <c>ipsec</c>; the daemon has no use for them.</summary>
public sealed record StrokeSettings
{
    const string Section = "charon.plugins.stroke";

    /// <summary>The names below charon's section.</summary>
    public static IReadOnlyList<string> Names { get; } = ["plugins.stroke.allow_swap", "plugins.stroke.secrets_file"];

    /// <summary>Whether right is our end if its address is ours; else left always is.</summary>
    public bool AllowsSwap { get; init; } = true;

    /// <summary>In place of ipsec.secrets; null: there is no other.</summary>
    public string? SecretsFile { get; init; }

    public static StrokeSettings Read(StrongswanSettings conf)
    {
        conf.WithDefaults("charon");
        return new() { AllowsSwap = conf.Boolean($"{Section}.allow_swap", true), SecretsFile = conf.Text($"{Section}.secrets_file") is { Length: > 0 } file ? file : null };
    }
}
