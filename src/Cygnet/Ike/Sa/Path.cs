// Two endpoints between which messages fly.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Seen from us.</summary>
sealed record Path(Endpoint Local, Endpoint Remote);
