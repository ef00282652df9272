// What the model has and ipsec.conf has no keyword for: x-… carries the key of swanctl.conf, and the daemon judges the value. swanctl.conf(5).
using System.Collections.Immutable;

namespace Cygnet.Config;

static class ModelKeywords
{
    public const string Prefix = "x-";

    /// <summary>Keys of the connection itself.</summary>
    public static ImmutableArray<string> OfConnection { get; } = ["ppk_id", "ppk_required", "childless", "ocsp", "if_id_in", "if_id_out"];

    /// <summary>Keys of its child.</summary>
    public static ImmutableArray<string> OfChild { get; } =
        ["copy_df", "copy_ecn", "copy_dscp", "set_mark_in", "set_mark_out", "mark_in_sa", "priority", "interface", "policies_fwd_out", "hw_offload", "per_cpu_sas", "label", "label_mode"];
}
