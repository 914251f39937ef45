return Cli.CommandLine.Run(args);
